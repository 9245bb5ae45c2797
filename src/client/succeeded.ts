import { ClientError } from './client-error.ts';

/** What every failure of a mutation has. Select it with `... on UserError { code message }`, and `__typename` of the union. */
export interface UserErrorFields {
  readonly __typename: string;
  readonly code: string;
  readonly message: string;
}

/**
 * What a mutation answered when it succeeded.
 *
 * @throws ClientError FAILED when it is a UserError, with its code and all else that was selected of it as details.
 */
export function succeeded<Success extends { readonly __typename: string }>(answer: Success | UserErrorFields): Success {
  if (answer.__typename.endsWith('Success')) return answer as Success;
  const { __typename: _, code, message, ...details } = answer as UserErrorFields;
  throw new ClientError('FAILED', message, { code, details });
}
