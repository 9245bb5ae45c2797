import { ClientError } from './client-error.ts';

/** The fields of every failure of a mutation. Select `__typename` and `... on UserError { code message }`. */
export interface UserErrorFields {
  readonly __typename: string;
  readonly code: string;
  readonly message: string;
}

/**
 * Returns the result of a mutation if it succeeded.
 *
 * @throws ClientError FAILED if the result is a UserError, with its code, and its other selected fields as details.
 */
export function succeeded<Success extends { readonly __typename: string }>(result: Success | UserErrorFields): Success {
  if (result.__typename.endsWith('Success')) return result as Success;
  const { __typename: _, code, message, ...details } = result as UserErrorFields;
  throw new ClientError('FAILED', message, { code, details });
}
