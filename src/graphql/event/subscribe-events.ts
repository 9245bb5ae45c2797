import type { Event } from '../../../prisma/generated/client/client.ts';
import type { EventType } from '../../domain/event.ts';
import { badUserInput, unauthenticated } from '../../domain/request-error.ts';
import { stream } from '../../log/stream.ts';
import { readHead } from '../../log/follower.ts';
import { maySeeEvent } from '../../log/visible-events.ts';
import { builder } from '../builder.ts';
import type { Context } from '../context.ts';
import { EventTypeEnum } from '../enums.ts';
import { LabelInputRef } from '../key/filter.ts';
import { noteReading } from '../key/note-reading.ts';
import { EventRef } from './event.ts';

const EventFilterRef = builder.inputType('EventFilter', {
  description: 'All that is given has to hold.',
  fields: (t) => ({
    types: t.field({ type: [EventTypeEnum] }),
    realm: t.string({ description: 'Its slug.' }),
    owner: t.id(),
    keyIds: t.idList(),
    labels: t.field({
      type: [LabelInputRef],
      description: 'Events of keys that have all of them when the event is sent.',
    }),
  }),
});

type EventFilter = typeof EventFilterRef.$inferInput;

builder.subscriptionField('events', (t) =>
  t.field({
    type: EventRef,
    description:
      'From the event after `after` on (none: from now), first what is stored, then as it happens: each once, in order, none left out.',
    args: { after: t.arg({ type: 'Cursor' }), filter: t.arg({ type: EventFilterRef }) },
    subscribe: (_root, { after, filter }, context) => events(context, after ?? null, filter ?? {}),
    resolve: (event) => event,
  }),
);

async function* events(context: Context, after: bigint | null, filter: EventFilter): AsyncGenerator<Event, void> {
  noteReading(context);
  const head = await readHead(context.services);
  if (after !== null && after > head) {
    throw badUserInput('after: the cursor lies ahead of this log: it is of another one.', ['after']);
  }
  const realmId = filter.realm == null ? null : await realmIdOf(context, filter.realm);
  const watch = context.watchCredential();
  for await (const event of stream(context.services.follower, after ?? head, watch.signal)) {
    if (!(await watch.admits(event))) break;
    if (maySeeEvent(watch.caller, event) && (await matches(context, filter, realmId, event))) yield event;
  }
  if (watch.end !== null)
    throw unauthenticated('The credential of this subscription has ended.', { outcome: watch.end });
}

async function realmIdOf({ db }: Context, slug: string): Promise<string> {
  const realm = await db.realm.findUnique({ where: { slug } });
  // A realm that is not there has no events: no id is empty.
  return realm?.id ?? '';
}

async function matches({ db }: Context, filter: EventFilter, realmId: string | null, event: Event): Promise<boolean> {
  const { types, owner, keyIds, labels } = filter;
  if (types != null && !types.includes(event.type as EventType)) return false;
  if (realmId !== null && event.realmId !== realmId) return false;
  if (owner != null && event.ownerId !== owner) return false;
  if (keyIds != null && (event.keyId === null || !keyIds.includes(event.keyId))) return false;
  if (labels == null || labels.length === 0) return true;
  if (event.keyId === null) return false;
  const found = await db.label.count({
    where: { keyId: event.keyId, OR: labels.map(({ name, value }) => ({ name, value })) },
  });
  return found === new Set(labels.map(({ name }) => name)).size;
}
