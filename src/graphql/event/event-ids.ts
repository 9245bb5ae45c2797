import type { ExecutionResult } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import type { Event } from '../../../prisma/generated/client/client.ts';
import { decodeCursor, encodeCursor } from '../../log/cursor.ts';
import type { Context } from '../context.ts';

/** The event whose result a subscription is sending, by its context. Results are sent one at a time. */
const currentEvents = new WeakMap<object, Event>();

export function setCurrentEvent(context: Context, event: Event): void {
  currentEvents.set(context, event);
}

/**
 * Returns the position after which a stream of events starts: from the Last-Event-ID of a client that reconnects (HTML
 * standard, section 9.2.4), otherwise from the operation's `after`. Null: from now. Throws BAD_USER_INPUT for a
 * malformed cursor.
 */
export function startPositionOf({ lastEventId }: Context, after: bigint | null | undefined): bigint | null {
  return lastEventId === undefined ? (after ?? null) : decodeCursor(lastEventId);
}

/**
 * Sets the cursor of each event as the id of its server-sent event. A result without data gets no id, so that a client
 * that got an error instead of an event resumes from the event before it.
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
          // Yoga writes `data: ` before this text and an empty line after it, so the id becomes a field of the same
          // event.
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
