import { Kind, type DocumentNode, type GraphQLSchema } from 'graphql';
import type { Caller } from '../../domain/caller.ts';
import type { Context } from '../context.ts';
import { executeOperation } from '../execute/execute-operation.ts';
import type { SocketState } from '../serve-socket.ts';
import type { Broadcast, BroadcastSource } from './broadcast.ts';
import type { EventSelection, SharedSubscription } from './subscription-state.ts';

/**
 * The most bytes that may wait to be written to a socket. Beyond it the subscription leaves its group (backpressure).
 */
const BUFFERED_BYTES_MAX = 1024 * 1024;

/** A subscription as the client requested it. */
export interface SubscriptionRequest {
  /** The id that the client gave the operation. */
  readonly id: string;
  readonly query: string;
  readonly document: DocumentNode;
  readonly operationName: string | undefined;
  readonly variables: Readonly<Record<string, unknown>>;
}

/**
 * Creates the shared form of a subscription. It writes protocol messages straight to the socket, past the queue of
 * graphql-ws, which is empty while the subscription is in a group.
 */
export function createSharedSubscription(
  broadcast: Broadcast,
  schema: GraphQLSchema,
  { socket, request: { socket: connection } }: Pick<SocketState, 'socket' | 'request'>,
  operation: SubscriptionRequest,
  context: Context,
): SharedSubscription {
  const head = Buffer.from(`{"id":${JSON.stringify(operation.id)},"type":"next","payload":`);
  const tail = Buffer.from('}');
  return {
    join(position, { watch, signal }, events) {
      const { caller } = watch;
      const member = {
        signal,
        // After a new authentication the caller may see other events: the member must leave, and may join the group of
        // those that see the same events now.
        maySendAll: (recordedTo: Date) => watch.caller === caller && watch.maySendAll(recordedTo),
        send(results: readonly Buffer[]) {
          if (socket.readyState !== socket.OPEN || socket.bufferedAmount > BUFFERED_BYTES_MAX) return false;
          // One write for all results.
          connection.cork();
          for (const result of results) socket.send(Buffer.concat([head, result, tail]), { binary: false });
          connection.uncork();
          return true;
        },
      };
      return broadcast.join(groupKeyOf(operation, caller), position, member, () =>
        createSource(schema, operation, context, caller, events),
      );
    },
  };
}

/** Creates the source of a group from its first member: all members may see the same as that caller. */
function createSource(
  schema: GraphQLSchema,
  { document, operationName, variables }: SubscriptionRequest,
  context: Context,
  caller: Caller,
  { filter, matches }: EventSelection,
): BroadcastSource {
  return {
    choice: { caller, filter },
    matches: (event) => matches(caller, event),
    async resultFor(event) {
      const contextValue = { ...context, caller } satisfies Context;
      const args = { schema, document, operationName, variableValues: variables, rootValue: event, contextValue };
      const result = await executeOperation(args);
      return result.errors === undefined ? JSON.stringify(result) : null;
    },
  };
}

/**
 * Returns a key that is equal for subscriptions with equal results: by operation and visibility, but not by start
 * position.
 */
function groupKeyOf({ query, document, operationName, variables }: SubscriptionRequest, caller: Caller): string {
  const began = findCursorVariables(document);
  const others = Object.entries(variables).filter(([name]) => !began.has(name));
  return JSON.stringify([query, operationName, others, visibilityOf(caller)]);
}

function visibilityOf(caller: Caller): readonly unknown[] {
  switch (caller.kind) {
    case 'ANONYMOUS':
      return [caller.kind];
    case 'ACCOUNT':
      return [caller.kind, caller.id, caller.isAdministrator, [...caller.roles].toSorted()];
    case 'PORTAL':
      return [caller.kind, caller.realmId, caller.subjectId, caller.may];
    case 'KEY':
      return [caller.kind, caller.id, caller.realmId, caller.ownerId, caller.scopes];
  }
}

/** Returns the variables that are used as `after`: they only decide where a subscription starts. */
function findCursorVariables(document: DocumentNode): ReadonlySet<string> {
  const operations = document.definitions.filter((definition) => definition.kind === Kind.OPERATION_DEFINITION);
  const fields = operations.flatMap(({ selectionSet }) =>
    selectionSet.selections.filter((selection) => selection.kind === Kind.FIELD),
  );
  const given = fields.flatMap((field) => field.arguments ?? []).filter(({ name }) => name.value === 'after');
  return new Set(given.flatMap(({ value }) => (value.kind === Kind.VARIABLE ? [value.name.value] : [])));
}
