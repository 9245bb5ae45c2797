import { graphql } from '../../api/graphql.ts';

/** Who reads the reason of a change of a binding. */
export const BINDING_REASON_HINT = 'Everyone who may read the realm sees it with the event of this change.';

export const bindDocument = graphql(`
  mutation BindOnPage($input: BindPolicyInput!) {
    bindPolicy(input: $input) {
      ... on BindPolicySuccess {
        binding {
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

export const updateDocument = graphql(`
  mutation UpdateBindingOnPage($input: UpdateBindingInput!) {
    updateBinding(input: $input) {
      ... on UpdateBindingSuccess {
        binding {
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

export const unbindDocument = graphql(`
  mutation UnbindOnPage($input: UnbindPolicyInput!) {
    unbindPolicy(input: $input) {
      ... on UnbindPolicySuccess {
        binding {
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

export const releaseDocument = graphql(`
  mutation ReleaseBrakeOnPage($input: ReleaseBrakeInput!) {
    releaseBrake(input: $input) {
      ... on ReleaseBrakeSuccess {
        brake {
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

export const cancelDocument = graphql(`
  mutation CancelBrakeOnPage($input: CancelBrakeInput!) {
    cancelBrake(input: $input) {
      ... on CancelBrakeSuccess {
        brake {
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
