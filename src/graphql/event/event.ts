import type { Event } from '../../../prisma/generated/client/client.ts';
import type { EventType } from '../../domain/event.ts';
import { readEventDetail } from '../../domain/event-detail.ts';
import { may } from '../../domain/permission.ts';
import { visibleKeys } from '../../keys/visible-keys.ts';
import { decodeCursor, encodeCursor } from '../../log/cursor.ts';
import { findEvent, readKeyHistory } from '../../log/key-history.ts';
import { maySeeEvent } from '../../log/visible-events.ts';
import { badUserInput } from '../../domain/request-error.ts';
import { builder } from '../builder.ts';
import { EventTypeEnum } from '../enums.ts';
import { loadVisibleOwner } from './load-visible-owner.ts';
import { OwnerRef } from '../owner.ts';
import { PAGE_DEFAULT, PAGE_MAX } from '../keyset.ts';
import { showActor } from '../shown-actor.ts';
import { KeyRef } from '../key/key.ts';
import { RealmRef } from '../realm/realm.ts';
import { ActorRef } from './actor.ts';
import { EventDetailRef } from './event-detail.ts';
import { showEventData, showEventReason } from './show-event-data.ts';

export const EventRef = builder.objectRef<Event>('Event');

builder.node(EventRef, {
  id: { resolve: ({ id }) => id },
  description:
    'An entry of the ordered, durable event log. It is written in the same transaction as the change that it records.',
  loadWithoutCache: async (id, { db, caller }) => {
    const event = await findEvent(db, id);
    return event !== null && maySeeEvent(caller, event) ? event : null;
  },
  // Only events have a position in the log.
  isTypeOf: (node) => typeof (node as Partial<Event>).position === 'bigint',
  fields: (t) => ({
    cursor: t.field({
      type: 'Cursor',
      description:
        'Position of the event in the log. To continue behind this event, subscribe with `after` set to this cursor.',
      resolve: ({ position }) => position,
    }),
    type: t.field({
      type: EventTypeEnum,
      description: 'What happened. It decides which fields `data` has.',
      resolve: ({ type }) => type as EventType,
    }),
    at: t.expose('at', {
      type: 'DateTime',
      description:
        'When the change became true. It can be earlier than recordedAt, as for an expiry that time alone decides.',
    }),
    recordedAt: t.expose('recordedAt', { type: 'DateTime', description: 'When the event was written to the log.' }),
    keyId: t.id({
      nullable: true,
      description:
        'Id of the key that the event is about, also if the caller may no longer see the key. Null: the event is about no key.',
      resolve: ({ keyId }) => keyId,
    }),
    key: t.field({
      type: KeyRef,
      nullable: true,
      description:
        'The key that the event is about. Null if it is about no key, or the caller may no longer see the key.',
      resolve: ({ keyId }, _args, { db, caller }) =>
        keyId === null ? null : db.key.findUnique({ where: { id: keyId, AND: [visibleKeys(caller)] } }),
    }),
    actor: t.field({
      type: ActorRef,
      nullable: true,
      description:
        'Who or what made the change. A portal session sees the kind of the actor, and its id only if it is the key itself or a portal session.',
      resolve: ({ actorKind: kind, actorId: id, actorName: name, keyId }, _args, { caller }) =>
        showActor(caller, { kind, id, name }, keyId),
    }),
    reason: t.string({
      nullable: true,
      description: 'Why the change was made, for people. Null: no reason was given.',
      resolve: (event, _args, { caller }) => showEventReason(caller, event),
    }),
    data: t.field({
      type: 'JSON',
      description:
        'Facts for programs, by event type. Instants are RFC 3339 text. Never a secret. A portal session sees only facts about the key itself.',
      resolve: (event, _args, { caller }) => showEventData(caller, event),
    }),
    detail: t.field({
      type: EventDetailRef,
      nullable: true,
      description:
        'The same facts as `data`, with a type for each type of event. Null if the stored data does not fit that type, or lacks facts for a portal session that the type always has.',
      resolve: (event, _args, { caller }) => readEventDetail(event.type, showEventData(caller, event)),
    }),
    owner: t.field({
      type: OwnerRef,
      nullable: true,
      description:
        'The account, organization or subject that the event concerns. For an event of a key: the owner of the key at that time. Null if the event concerns a whole realm, or the caller may not see the owner.',
      resolve: ({ ownerId }, _args, context, info) => loadVisibleOwner(ownerId, context, info),
    }),
    realm: t.prismaField({
      type: RealmRef,
      nullable: true,
      description:
        'The realm that the event belongs to. Null if it belongs to none, or the caller may not see the realm.',
      resolve: (query, { realmId }, _args, { db, caller }) =>
        realmId !== null && may(caller, 'realm.read', { realmId })
          ? db.realm.findUnique({ ...query, where: { id: realmId } })
          : null,
    }),
  }),
});

builder.prismaObjectField('Key', 'issuedBy', (t) =>
  t.field({
    type: ActorRef,
    nullable: true,
    description:
      'The account, the key or the portal session that issued this key; a key is its parent, or has the scope keytide:manage. Null if it was issued in exchange for a token. The end of a parent does not end the keys that it issued.',
    select: {
      portalSessionId: true,
      issuedBy: { select: { id: true, name: true } },
      parent: { select: { id: true, name: true } },
      manager: { select: { id: true, name: true } },
    },
    resolve: ({ issuedBy, parent, manager, portalSessionId }, _args, { caller }) => {
      if (portalSessionId !== null) return { kind: 'PORTAL', id: portalSessionId, name: null };
      const key = parent ?? manager;
      if (key !== null) return showActor(caller, { kind: 'KEY', ...key }, null);
      return issuedBy && showActor(caller, { kind: 'ACCOUNT', ...issuedBy }, null);
    },
  }),
);

export const EventConnectionRef = builder.connectionObject(
  { type: EventRef, name: 'EventConnection' },
  { name: 'EventEdge' },
);

builder.prismaObjectField('Key', 'events', (t) =>
  t.field({
    type: EventConnectionRef,
    description: 'The history of the key, oldest event first.',
    args: {
      first: t.arg.int({ description: 'How many events to return: 0 to 100. Default: 20.' }),
      after: t.arg.string({ description: 'Cursor of the event that precedes the page.' }),
    },
    select: { id: true },
    resolve: async ({ id }, { first, after }, { db, caller }) => {
      const size = first ?? PAGE_DEFAULT;
      if (size < 0 || size > PAGE_MAX)
        throw badUserInput(`first: found ${size}; expected 0 to ${PAGE_MAX}.`, ['first']);
      const position = after == null ? 0n : decodeCursor(after);
      const rows = await readKeyHistory(db, id, position, size + 1);
      const page = rows.slice(0, size).map((node) => ({ cursor: encodeCursor(node.position), node }));
      return {
        // A customer's page gets no events from before its subject owned the key, and none without the action EVENTS.
        edges: caller.kind === 'PORTAL' ? page.filter(({ node }) => maySeeEvent(caller, node)) : page,
        pageInfo: {
          hasNextPage: rows.length > size,
          hasPreviousPage: after != null,
          startCursor: page[0]?.cursor ?? null,
          endCursor: page.at(-1)?.cursor ?? null,
        },
      };
    },
  }),
);
