import type { Event } from '../../../prisma/generated/client/client.ts';
import { badUserInput } from '../../domain/request-error.ts';
import { awaitDatabase } from '../../log/await-database.ts';
import { readHead } from '../../log/follower.ts';
import { stream } from '../../log/stream.ts';
import { maySeeEvent } from '../../log/visible-events.ts';
import { builder } from '../builder.ts';
import type { Context } from '../context.ts';
import { noteReading } from '../key/note-reading.ts';
import { EventFilterRef, eventMatcher, type EventFilter } from './event-filter.ts';
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
      const head = await readHead(context.services);
      if (after != null && after > head) {
        throw badUserInput('after: the cursor lies ahead of this log: it is of another one.', ['after']);
      }
      return live(context, (live) => events(context, after ?? head, filter ?? {}, live));
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
  for await (const event of stream(follower, clock, after, signal)) {
    if (!(await watch.admits(event))) return;
    if (!maySeeEvent(watch.caller, event)) continue;
    if (await awaitDatabase(clock, signal, () => matches(event))) yield event;
  }
}
