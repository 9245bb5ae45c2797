import { sendOperation } from './send-operation.ts';
import type { Connection, Operation } from './connection.ts';
import { requestConfirmation, requestUndo } from './end-rotation.ts';
import { followEvents, type EventFields, type Followed, type Following } from './follow-events.ts';
import { readOwnKey, type OwnKey } from './own-key.ts';
import { requestRenewal, requestRotation, type Replaced, type Replacement } from './replace-secret.ts';

// The public API of `keytide/client`: the package exports only this file.
export { ClientError, type ClientErrorKind } from './client-error.ts';
export type { Connection, Operation } from './connection.ts';
export { exchangeJobToken, type ExchangedKey, type TokenExchange } from './exchange-job-token.ts';
export type { EventFields, Followed, Following } from './follow-events.ts';
export type { OwnKey } from './own-key.ts';
export type { Replaced, Replacement } from './replace-secret.ts';
export { succeeded, type UserErrorFields } from './succeeded.ts';

/** A client of a gateway. Every method throws ClientError and nothing else. */
export interface Client {
  /** Sends a query or mutation and returns its data. Pass a mutation's result to `succeeded`. */
  ask<Data>(operation: Operation): Promise<Data>;
  /** Follows the event log across reconnections. */
  events<Event = EventFields>(options?: Following): AsyncGenerator<Followed<Event>>;
  /** Returns the key whose secret is the credential. */
  ownKey(): Promise<OwnKey>;
  renew(replacement: Replacement): Promise<Replaced>;
  rotate(replacement: Replacement): Promise<Replaced>;
  confirmRotation(idempotencyKey: string): Promise<void>;
  undoRotation(idempotencyKey: string): Promise<void>;
}

/** Creates a client. Opens no connection: each call is a request of its own. */
export function openClient(connection: Connection): Client {
  return {
    ask: (operation) => sendOperation(connection, operation),
    events: (options) => followEvents(connection, options),
    ownKey: () => readOwnKey(connection),
    renew: (replacement) => requestRenewal(connection, replacement),
    rotate: (replacement) => requestRotation(connection, replacement),
    confirmRotation: (idempotencyKey) => requestConfirmation(connection, idempotencyKey),
    undoRotation: (idempotencyKey) => requestUndo(connection, idempotencyKey),
  };
}
