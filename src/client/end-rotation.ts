import { sendOperation } from './send-operation.ts';
import type { Connection } from './connection.ts';
import { succeeded, type UserErrorFields } from './succeeded.ts';

type EndRotationData<Field extends string> = {
  readonly [field in Field]: { readonly __typename: string } | UserErrorFields;
};

const CONFIRM = `mutation Confirm($input: ConfirmRotationInput!) {
  confirmRotation(input: $input) { __typename ... on UserError { code message } ... on KeyNotActive { state } }
}`;

const UNDO = `mutation Undo($input: UndoRotationInput!) {
  undoRotation(input: $input) { __typename ... on UserError { code message } ... on KeyNotActive { state } }
}`;

/**
 * Confirms the pending rotation of the calling key, which retires its old secret at once. The credential must be the
 * new secret.
 *
 * @throws ClientError as `Client.ask` does, and FAILED.
 */
export async function requestConfirmation(connection: Connection, idempotencyKey: string): Promise<void> {
  const variables = { input: { idempotencyKey } };
  succeeded(
    (await sendOperation<EndRotationData<'confirmRotation'>>(connection, { query: CONFIRM, variables }))
      .confirmRotation,
  );
}

/**
 * Undoes the pending rotation of the calling key. An unused new secret ends at once, and the old secret stays. If the
 * new secret has been used, the two secrets swap roles.
 *
 * @throws ClientError as `Client.ask` does, and FAILED.
 */
export async function requestUndo(connection: Connection, idempotencyKey: string): Promise<void> {
  const variables = { input: { idempotencyKey } };
  succeeded(
    (await sendOperation<EndRotationData<'undoRotation'>>(connection, { query: UNDO, variables })).undoRotation,
  );
}
