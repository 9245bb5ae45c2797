import type { ExecutionResult } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import type { Event } from '../../../prisma/generated/client/client.ts';
import { decodeCursor, encodeCursor } from '../../log/cursor.ts';
import type { Context } from '../context.ts';

/** Which event a subscription is told of just now; it has one result after the other. */
const currentEvents = new WeakMap<object, Event>();

export function setCurrentEvent(context: Context, event: Event): void {
  currentEvents.set(context, event);
}

/**
 * The position after which a stream of events begins: the one behind which its reader was cut off, as Last-Event-ID says
 * (HTML, section 9.2.4), before the one that its operation names. Throws for what is no cursor of this log.
 */
export function startPositionOf({ lastEventId }: Context, after: bigint | null | undefined): bigint | null {
  return lastEventId === undefined ? (after ?? null) : decodeCursor(lastEventId);
}

/**
 * Gives each event that is sent as a server-sent event its cursor for an id. A result without data has none: whoever was
 * told of a fault instead of an event goes on from the one before.
 */
export function useEventIds(): Plugin<Context> {
  return {
    onSubscribe: () => ({
      onSubscribeResult: ({ args }) => ({
        onNext({ result, setResult }) {
          const context = (args as { readonly contextValue: Context }).contextValue;
          const event = currentEvents.get(context);
          const isOverSocket = context.sharedSubscription !== undefined;
          if (isOverSocket || event === undefined || (result as ExecutionResult).data == null) return;
          // Yoga puts what this gives behind `data: ` and two line ends behind that: another field of the same event.
          const id = `\nid: ${encodeCursor(event.position)}`;
          setResult({
            ...result,
            stringify: (whole: ExecutionResult) => JSON.stringify(whole) + id,
          } as ExecutionResult);
        },
      }),
    }),
  };
}
