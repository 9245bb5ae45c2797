import { graphql } from '../../api/graphql.ts';

/** A change of a key that a dialog asks about: its mutation, its words, and whether it needs a reason. */
export interface KeyChangeForm {
  readonly name: 'renewKey' | 'holdKey' | 'resumeKey' | 'revokeKey' | 'undoRotation' | 'confirmRotation';
  readonly title: string;
  readonly button: string;
  readonly done: string;
  readonly reason: 'REQUIRED' | 'OPTIONAL' | 'NONE';
  readonly isFinal?: boolean;
  /** What the change means for those who use the key. */
  readonly meaning: string;
  /** Which of the programs that use the key now will be refused: none, all, or those that have not used the new secret. */
  readonly refuses: 'NONE' | 'ALL' | 'NOT_MOVED';
}

/** Who reads the reason of a change. */
export const KEY_REASON_HINT = 'People who may see the key read it in its history.';

export const RENEW: KeyChangeForm = {
  name: 'renewKey',
  title: 'Renew the key',
  button: 'Renew',
  done: 'The key is renewed.',
  reason: 'NONE',
  meaning: 'The key lives longer, counted from now, as far as policy allows. Its secret stays the same.',
  refuses: 'NONE',
};

export const RESCUE: KeyChangeForm = {
  ...RENEW,
  title: 'Rescue the key',
  button: 'Rescue',
  meaning: `The key works again. ${RENEW.meaning}`,
};

export const HOLD: KeyChangeForm = {
  name: 'holdKey',
  title: 'Hold the key',
  button: 'Hold',
  done: 'The key is held.',
  reason: 'REQUIRED',
  meaning: 'The key is refused until the hold is lifted. Nothing is lost: resuming it undoes this.',
  refuses: 'ALL',
};

export const RESUME: KeyChangeForm = {
  name: 'resumeKey',
  title: 'Resume the key',
  button: 'Resume',
  done: 'Your holds of the key are lifted.',
  reason: 'OPTIONAL',
  meaning: 'The holds that you may lift end, and the key works again, unless another hold remains.',
  refuses: 'NONE',
};

export const REVOKE: KeyChangeForm = {
  name: 'revokeKey',
  title: 'Revoke the key',
  button: 'Revoke for good',
  done: 'The key is revoked.',
  reason: 'REQUIRED',
  isFinal: true,
  meaning: 'The key ends at once and for good. It cannot be undone. If you are not sure, hold it instead.',
  refuses: 'ALL',
};

export const UNDO_ROTATION: KeyChangeForm = {
  name: 'undoRotation',
  title: 'Undo the rotation',
  button: 'Undo',
  done: 'The rotation is undone.',
  reason: 'NONE',
  meaning:
    'The old secret stays. If the new one was not used yet, it ends at once; else it works for the same grace period.',
  refuses: 'NONE',
};

export const CONFIRM_ROTATION: KeyChangeForm = {
  name: 'confirmRotation',
  title: 'End the rotation of',
  button: 'Retire the old secret',
  done: 'The old secret is retired.',
  reason: 'NONE',
  isFinal: true,
  meaning: 'The old secret ends at once and for good. From then on only the new one works.',
  refuses: 'NOT_MOVED',
};

export const renewDocument = graphql(`
  mutation RenewOnPage($input: RenewKeyInput!) {
    renewKey(input: $input) {
      ... on RenewKeySuccess {
        key {
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

export const holdDocument = graphql(`
  mutation HoldOnPage($input: HoldKeyInput!) {
    holdKey(input: $input) {
      ... on HoldKeySuccess {
        key {
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

export const resumeDocument = graphql(`
  mutation ResumeOnPage($input: ResumeKeyInput!) {
    resumeKey(input: $input) {
      ... on ResumeKeySuccess {
        key {
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

export const revokeDocument = graphql(`
  mutation RevokeOnPage($input: RevokeKeyInput!) {
    revokeKey(input: $input) {
      ... on RevokeKeySuccess {
        key {
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

export const undoDocument = graphql(`
  mutation UndoOnPage($input: UndoRotationInput!) {
    undoRotation(input: $input) {
      ... on UndoRotationSuccess {
        key {
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

export const confirmDocument = graphql(`
  mutation ConfirmOnPage($input: ConfirmRotationInput!) {
    confirmRotation(input: $input) {
      ... on ConfirmRotationSuccess {
        key {
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

export const rotateDocument = graphql(`
  mutation RotateOnPage($input: RotateKeyInput!) {
    rotateKey(input: $input) {
      ... on RotateKeySuccess {
        secret
        previousRetiresAt
      }
      ... on UserError {
        code
        message
      }
    }
  }
`);
