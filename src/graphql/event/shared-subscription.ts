import { execute, Kind, type DocumentNode, type ExecutionResult, type GraphQLSchema } from 'graphql';
import type { Event } from '../../../prisma/generated/client/client.ts';
import type { Caller } from '../../domain/caller.ts';
import type { EventFilter } from '../../log/event-query.ts';
import type { Context } from '../context.ts';
import type { SocketState } from '../serve-socket.ts';
import type { Broadcast, BroadcastSource } from './broadcast.ts';
import type { LiveSubscription } from './run-subscription.ts';

/** How much may wait to be written to a socket before it is one that does not keep up; in bytes. */
const BUFFERED_BYTES_MAX = 1024 * 1024;

/** A subscription as a socket has asked for it. */
export interface SubscriptionRequest {
  /** The client's name for it. */
  readonly id: string;
  readonly query: string;
  readonly document: DocumentNode;
  readonly operationName: string | undefined;
  readonly variables: Readonly<Record<string, unknown>>;
}

/** The events that a subscription is for. */
export interface EventSelection {
  readonly filter: EventFilter;
  matches(caller: Caller, event: Event): Promise<boolean>;
}

/** A way to be told of events together with subscriptions that are alike. */
export interface SharedSubscription {
  /** Resolves with the position from which the subscription has to go on by itself. */
  join(context: Context, position: bigint, live: LiveSubscription, events: EventSelection): Promise<bigint>;
}

/** Results go to the socket as the protocol has them, past its own queue: a subscription that joins has none there. */
export function createSharedSubscription(
  broadcast: Broadcast,
  schema: GraphQLSchema,
  { socket, request: { socket: connection } }: Pick<SocketState, 'socket' | 'request'>,
  asked: SubscriptionRequest,
): SharedSubscription {
  const head = Buffer.from(`{"id":${JSON.stringify(asked.id)},"type":"next","payload":`);
  const tail = Buffer.from('}');
  return {
    join(context, position, { watch, signal }, events) {
      const { caller } = watch;
      const member = {
        signal,
        // Proved anew since, it may see something else: it joins those that are like it now.
        maySendAll: (recordedTo: Date) => watch.caller === caller && watch.maySendAll(recordedTo),
        send(results: readonly Buffer[]) {
          if (socket.readyState !== socket.OPEN || socket.bufferedAmount > BUFFERED_BYTES_MAX) return false;
          // In one write, however many they are.
          connection.cork();
          for (const result of results) socket.send(Buffer.concat([head, result, tail]), { binary: false });
          connection.uncork();
          return true;
        },
      };
      return broadcast.join(groupKeyOf(asked, caller), position, member, () =>
        createSource(schema, asked, context, caller, events),
      );
    },
  };
}

/** What is chosen and told is what that caller may see: a member whose sight has changed since is not admitted. */
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
      const contextValue = Object.create(context, { caller: { value: caller, enumerable: true } }) as Context;
      const args = { schema, document, operationName, variableValues: variables, rootValue: event, contextValue };
      const result: ExecutionResult = await execute(args);
      return result.errors === undefined ? JSON.stringify(result) : null;
    },
  };
}

/** The same for subscriptions whose results are the same: what they ask, but for where they began, and what they may see. */
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
    case 'KEY':
      return [caller.kind, caller.id, caller.realmId, caller.ownerId, caller.scopes];
  }
}

/** The variables that only say after which event a subscription begins. */
function findCursorVariables(document: DocumentNode): ReadonlySet<string> {
  const operations = document.definitions.filter((definition) => definition.kind === Kind.OPERATION_DEFINITION);
  const fields = operations.flatMap(({ selectionSet }) =>
    selectionSet.selections.filter((selection) => selection.kind === Kind.FIELD),
  );
  const given = fields.flatMap((field) => field.arguments ?? []).filter(({ name }) => name.value === 'after');
  return new Set(given.flatMap(({ value }) => (value.kind === Kind.VARIABLE ? [value.name.value] : [])));
}
