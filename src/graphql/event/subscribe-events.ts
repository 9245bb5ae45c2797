import type { Event } from '../../../prisma/generated/client/client.ts';
import { awaitDatabase } from '../../log/await-database.ts';
import type { EventFilter } from '../../log/event-choice.ts';
import { checkPlace, readBounds } from '../../log/head.ts';
import { stream } from '../../log/stream.ts';
import { maySeeEvent } from '../../log/visible-events.ts';
import { builder } from '../builder.ts';
import type { Context } from '../context.ts';
import { noteReading } from '../key/note-reading.ts';
import { EventFilterRef, eventMatcher } from './event-filter.ts';
import { EventRef } from './event.ts';
import { live, type Live } from './live.ts';

builder.subscriptionField('events', (t) =>
  t.field({
    type: EventRef,
    description:
      'From the event after `after` on (none: from now), first what is stored, then as it happens: each once, in order, none left out.',
    args: { after: t.arg({ type: 'Cursor' }), filter: t.arg({ type: EventFilterRef }) },
    subscribe: async (_root, { after, filter }, context) => {
      noteReading(context);
      const bounds = await readBounds(context.services);
      if (after != null) checkPlace(after, bounds);
      return live(context, (live) => events(context, after ?? bounds.head, filter ?? {}, live));
    },
    resolve: (event) => event,
  }),
);

async function* events(
  context: Context,
  after: bigint,
  filter: EventFilter,
  { watch, signal }: Live,
): AsyncGenerator<Event, void> {
  const { follower, clock } = context.services;
  const matches = eventMatcher(context, filter);
  const choose = () => ({ caller: watch.caller, filter });
  for await (const event of stream(follower, clock, after, signal, choose)) {
    if (!(await watch.admits(event))) return;
    if (!maySeeEvent(watch.caller, event)) continue;
    if (await awaitDatabase(clock, signal, () => matches(event))) yield event;
  }
}
