import { sendOperation } from './send-operation.ts';
import type { Connection, Operation } from './connection.ts';
import { requestConfirmation, requestUndo } from './end-rotation.ts';
import { followEvents, type EventFields, type Followed, type Following } from './follow-events.ts';
import { readOwnKey, type OwnKey } from './own-key.ts';
import { requestRenewal, requestRotation, type Replaced, type Replacement } from './replace-secret.ts';

// What a program names of what it is given and what is thrown: the package gives this file alone.
export { ClientError, type ClientErrorKind } from './client-error.ts';
export type { Connection, Operation } from './connection.ts';
export type { EventFields, Followed, Following } from './follow-events.ts';
export type { OwnKey } from './own-key.ts';
export type { Replaced, Replacement } from './replace-secret.ts';
export { succeeded, type UserErrorFields } from './succeeded.ts';

/** A gateway, as programs ask it. Every call throws ClientError and nothing else. */
export interface Client {
  /** Any query or mutation; `succeeded` tells what a mutation answered. */
  ask<Data>(operation: Operation): Promise<Data>;
  /** The events of the log, over as many connections as it takes. */
  events<Event = EventFields>(following?: Following): AsyncGenerator<Followed<Event>>;
  /** The key whose secret the credential is. */
  ownKey(): Promise<OwnKey>;
  renew(replacement: Replacement): Promise<Replaced>;
  rotate(replacement: Replacement): Promise<Replaced>;
  confirmRotation(idempotencyKey: string): Promise<void>;
  undoRotation(idempotencyKey: string): Promise<void>;
}

/** A client of a gateway. Opens nothing: each call is a request of its own. */
export function openClient(connection: Connection): Client {
  return {
    ask: (operation) => sendOperation(connection, operation),
    events: (following) => followEvents(connection, following),
    ownKey: () => readOwnKey(connection),
    renew: (replacement) => requestRenewal(connection, replacement),
    rotate: (replacement) => requestRotation(connection, replacement),
    confirmRotation: (idempotencyKey) => requestConfirmation(connection, idempotencyKey),
    undoRotation: (idempotencyKey) => requestUndo(connection, idempotencyKey),
  };
}
