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

/** Retires the old secret of the calling key now; the credential has to be the new one. Throws as `ask`, and FAILED. */
export async function requestConfirmation(connection: Connection, idempotencyKey: string): Promise<void> {
  const variables = { input: { idempotencyKey } };
  succeeded(
    (await sendOperation<EndRotationData<'confirmRotation'>>(connection, { query: CONFIRM, variables }))
      .confirmRotation,
  );
}

/**
 * Takes the calling key's rotation back. While the new secret is unused it ends at once and the old one stays; once it has
 * been used the two swap roles. Throws as `ask`, and FAILED.
 */
export async function requestUndo(connection: Connection, idempotencyKey: string): Promise<void> {
  const variables = { input: { idempotencyKey } };
  succeeded(
    (await sendOperation<EndRotationData<'undoRotation'>>(connection, { query: UNDO, variables })).undoRotation,
  );
}
