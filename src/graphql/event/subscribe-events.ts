import type { Event } from '../../../prisma/generated/client/client.ts';
import type { Caller } from '../../domain/caller.ts';
import { awaitDatabase } from '../../log/await-database.ts';
import type { EventFilter } from '../../log/event-choice.ts';
import { checkPlace, readBounds } from '../../log/head.ts';
import { FIRST_PAGE, PAGE } from '../../log/stored-events.ts';
import { maySeeEvent } from '../../log/visible-events.ts';
import { builder } from '../builder.ts';
import type { Context } from '../context.ts';
import { noteReading } from '../key/note-reading.ts';
import { beginsAfter, noteTold } from './event-ids.ts';
import { EventFilterRef, eventMatcher } from './event-filter.ts';
import { EventRef } from './event.ts';
import { live, type Live } from './live.ts';

builder.subscriptionField('events', (t) =>
  t.field({
    type: EventRef,
    description:
      'From the event after `after` on (none: from now), first what is stored, then as it happens: each once, in order, none left out.',
    args: { after: t.arg({ type: 'Cursor' }), filter: t.arg({ type: EventFilterRef }) },
    subscribe: async (_root, { after: asked, filter }, context) => {
      noteReading(context);
      const after = beginsAfter(context, asked);
      const bounds = await readBounds(context.services);
      if (after !== null) checkPlace(after, bounds);
      return live(context, (live) => events(context, after ?? bounds.head, filter ?? {}, live));
    },
    resolve(event, _args, context) {
      noteTold(context, event);
      return event;
    },
  }),
);

async function* events(context: Context, after: bigint, filter: EventFilter, live: Live): AsyncGenerator<Event, void> {
  const { services, together } = context;
  const { follower, clock } = services;
  const { watch, signal } = live;
  const matches = eventMatcher(context, filter);
  const chooses = async (caller: Caller, event: Event) =>
    maySeeEvent(caller, event) && (await awaitDatabase(clock, signal, () => matches(event)));
  const choose = () => ({ caller: watch.caller, filter });
  let most = FIRST_PAGE;
  for (let position = after; !signal.aborted && !follower.isStopped; most = PAGE) {
    const { events, readTo } = await awaitDatabase(clock, signal, () => follower.read(position, choose(), most));
    for (const event of events) {
      if (!(await watch.admits(event))) return;
      if (await chooses(watch.caller, event)) yield event;
    }
    position = readTo;
    if (events.length > 0) continue;
    if (together === undefined) await follower.grownBeyond(position, signal);
    else position = await together.join(context, position, live, { filter, chooses });
  }
}
