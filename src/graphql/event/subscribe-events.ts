import type { Event } from '../../../prisma/generated/client/client.ts';
import type { Caller } from '../../domain/caller.ts';
import { decodeCursor } from '../../log/cursor.ts';
import { retryWhileUnavailable } from '../../log/retry-while-unavailable.ts';
import type { EventFilter } from '../../log/event-query.ts';
import { followLog } from '../../log/follow-log.ts';
import { checkPosition, readBounds } from '../../log/head.ts';
import { maySeeEvent } from '../../log/visible-events.ts';
import { builder } from '../builder.ts';
import type { Context } from '../context.ts';
import { recordReadAsUse } from '../key/record-read-as-use.ts';
import { EventFilterRef, createEventMatcher } from './event-filter.ts';
import { EventRef } from './event.ts';
import { runSubscription } from './run-subscription.ts';
import type { LiveSubscription } from './subscription-state.ts';

builder.subscriptionField('events', (t) =>
  t.field({
    type: EventRef,
    description:
      'Sends events in order, each exactly once. With `after` it first sends the stored events behind that cursor, then new events as they happen. Without `after` it sends only new events.',
    args: {
      after: t.arg({
        type: 'Cursor',
        description:
          'Cursor of the last event that was processed. Fails with CURSOR_EXPIRED or CURSOR_AHEAD if the log cannot continue from there.',
      }),
      filter: t.arg({
        type: EventFilterRef,
        description: 'Which events to send. Default: all that the caller may see.',
      }),
    },
    subscribe: async (_root, { after: requestedAfter, filter }, context) => {
      recordReadAsUse(context);
      const after = startPositionOf(context, requestedAfter);
      const bounds = await readBounds(context.services);
      if (after !== null) checkPosition(after, bounds);
      return runSubscription(context, (live) => followEvents(context, after ?? bounds.head, filter ?? {}, live));
    },
    resolve(event, _args, context) {
      context.subscription.currentEvent = event;
      return event;
    },
  }),
);

/**
 * Returns the position after which a stream of events starts: from the Last-Event-ID of a client that reconnects (HTML
 * standard, section 9.2.4), otherwise from the operation's `after`. Null: from now. Throws BAD_USER_INPUT for a
 * malformed cursor.
 */
function startPositionOf({ subscription }: Context, after: bigint | null | undefined): bigint | null {
  return subscription.lastEventId === undefined ? (after ?? null) : decodeCursor(subscription.lastEventId);
}

async function* followEvents(
  context: Context,
  after: bigint,
  filter: EventFilter,
  live: LiveSubscription,
): AsyncGenerator<Event, void> {
  const { services } = context;
  const { shared } = context.subscription;
  const { clock } = services;
  const { watch, signal } = live;
  const matches = createEventMatcher(context, filter);
  const chooses = async (caller: Caller, event: Event) =>
    maySeeEvent(caller, event) && (await retryWhileUnavailable(clock, signal, () => matches(event)));
  const pages = followLog(services, after, {
    signal,
    getQuery: () => ({ caller: watch.caller, filter }),
    ...(shared !== undefined && {
      waitForMore: (position) => shared.join(position, live, { filter, matches: chooses }),
    }),
  });
  for await (const { events } of pages) {
    for (const event of events) {
      if (!(await watch.maySend(event))) return;
      if (await chooses(watch.caller, event)) yield event;
    }
  }
}
