import { graphql } from '../../api/graphql.ts';

/** Who reads the reason of a change of a rollout. */
export const ROLLOUT_REASON_HINT = 'Everyone who may read the policies of the realm sees it, owners too.';

export const proposeDocument = graphql(`
  mutation ProposeOnPage($input: ProposeRolloutInput!) {
    proposeRollout(input: $input) {
      ... on ProposeRolloutSuccess {
        rollout {
          id
        }
      }
      ... on UserError {
        code
        message
      }
    }
  }
`);

export const advanceDocument = graphql(`
  mutation AdvanceOnPage($input: AdvanceRolloutInput!) {
    advanceRollout(input: $input) {
      ... on AdvanceRolloutSuccess {
        rollout {
          id
        }
      }
      ... on UserError {
        code
        message
      }
    }
  }
`);

export const pauseRolloutDocument = graphql(`
  mutation PauseRolloutOnPage($input: PauseRolloutInput!) {
    pauseRollout(input: $input) {
      ... on PauseRolloutSuccess {
        rollout {
          id
        }
      }
      ... on UserError {
        code
        message
      }
    }
  }
`);

export const resumeRolloutDocument = graphql(`
  mutation ResumeRolloutOnPage($input: ResumeRolloutInput!) {
    resumeRollout(input: $input) {
      ... on ResumeRolloutSuccess {
        rollout {
          id
        }
      }
      ... on UserError {
        code
        message
      }
    }
  }
`);

export const undoRolloutDocument = graphql(`
  mutation UndoRolloutOnPage($input: UndoRolloutInput!) {
    undoRollout(input: $input) {
      ... on UndoRolloutSuccess {
        rollout {
          id
        }
      }
      ... on UserError {
        code
        message
      }
    }
  }
`);

export const replyDocument = graphql(`
  mutation ReplyOnPage($input: ReplyToAnswerInput!) {
    replyToAnswer(input: $input) {
      ... on ReplyToAnswerSuccess {
        answerId
      }
      ... on UserError {
        code
        message
      }
    }
  }
`);

export const decideDocument = graphql(`
  mutation DecideExceptionOnPage($input: DecideExceptionInput!) {
    decideException(input: $input) {
      ... on DecideExceptionSuccess {
        answerId
      }
      ... on UserError {
        code
        message
      }
    }
  }
`);
