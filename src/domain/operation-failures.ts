import type { FailureRow } from './failure-row.ts';

/** Failures of changes of changes of many keys. */
export const operationFailures = {
  ConfirmationNotValid: {
    code: 'CONFIRMATION_NOT_VALID',
    retry: 'NEVER',
    remedy: 'Make the dry run again, check it, and confirm it within 15 minutes.',
  },
  OperationNotFound: {
    code: 'OPERATION_NOT_FOUND',
    retry: 'NEVER',
    remedy: 'Check the id, and that you manage the realm or the organization of the operation.',
  },
  OperationStateMismatch: {
    code: 'OPERATION_STATE_MISMATCH',
    retry: 'NEVER',
    remedy: 'Query the state of the operation.',
  },
} as const satisfies Record<string, FailureRow>;
