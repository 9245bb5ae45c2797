import type { Event } from '../../../prisma/generated/client/client.ts';
import { actorKinds, type EventType } from '../../domain/event.ts';
import { visibleKeys } from '../../keys/visible-keys.ts';
import { decodeCursor, encodeCursor } from '../../log/cursor.ts';
import { findEvent, readKeyHistory } from '../../log/key-history.ts';
import { maySeeEvent } from '../../log/visible-events.ts';
import { badUserInput } from '../../domain/request-error.ts';
import { builder } from '../builder.ts';
import { EventTypeEnum } from '../enums.ts';
import { PAGE_DEFAULT, PAGE_MAX } from '../keyset.ts';
import { KeyRef } from '../key/key.ts';

interface ActorShape {
  readonly kind: string;
  readonly id: string | null;
  readonly name: string | null;
}

const ActorKindEnum = builder.enumType('ActorKind', {
  description:
    'SYSTEM: the gateway, recording what time alone decided, or acting on a report of the name that is given.',
  values: actorKinds,
});

const ActorRef = builder.objectRef<ActorShape>('Actor').implement({
  description: 'Who made a change.',
  fields: (t) => ({
    kind: t.field({ type: ActorKindEnum, resolve: ({ kind }) => kind as (typeof actorKinds)[number] }),
    id: t.id({ nullable: true, resolve: ({ id }) => id }),
    name: t.exposeString('name', { nullable: true }),
  }),
});

export const EventRef = builder.objectRef<Event>('Event');

builder.node(EventRef, {
  id: { resolve: ({ id }) => id },
  description: 'One entry of the ordered, durable log.',
  loadWithoutCache: async (id, { db, caller }) => {
    const event = await findEvent(db, id);
    return event !== null && maySeeEvent(caller, event) ? event : null;
  },
  // Nothing else has a position in the log.
  isTypeOf: (node) => typeof (node as Partial<Event>).position === 'bigint',
  fields: (t) => ({
    cursor: t.field({ type: 'Cursor', resolve: ({ position }) => position }),
    type: t.field({ type: EventTypeEnum, resolve: ({ type }) => type as EventType }),
    at: t.expose('at', { type: 'DateTime', description: 'When it became true.' }),
    recordedAt: t.expose('recordedAt', { type: 'DateTime', description: 'When it was written.' }),
    key: t.field({
      type: KeyRef,
      nullable: true,
      description: 'Null: it is of no key, or of one that the caller may no longer see.',
      resolve: ({ keyId }, _args, { db, caller }) =>
        keyId === null ? null : db.key.findUnique({ where: { id: keyId, AND: [visibleKeys(caller)] } }),
    }),
    actor: t.field({
      type: ActorRef,
      nullable: true,
      resolve: ({ actorKind, actorId, actorName }) => ({ kind: actorKind, id: actorId, name: actorName }),
    }),
    reason: t.exposeString('reason', { nullable: true }),
    data: t.field({ type: 'JSON', resolve: ({ data }) => data }),
  }),
});

builder.prismaObjectField('Key', 'issuedBy', (t) =>
  t.field({
    type: ActorRef,
    nullable: true,
    description:
      'The account that issued it, or the key that did: its parent. A key that was revoked leaves its children.',
    select: { issuedBy: { select: { id: true, name: true } }, parent: { select: { id: true, name: true } } },
    resolve: ({ issuedBy, parent }) => {
      if (parent !== null) return { kind: 'KEY', ...parent };
      return issuedBy && { kind: 'ACCOUNT', ...issuedBy };
    },
  }),
);

const EventConnectionRef = builder.connectionObject({ type: EventRef, name: 'EventConnection' }, { name: 'EventEdge' });

builder.prismaObjectField('Key', 'events', (t) =>
  t.field({
    type: EventConnectionRef,
    description: 'Its whole history, oldest first.',
    args: { first: t.arg.int(), after: t.arg.string() },
    select: { id: true },
    resolve: async ({ id }, { first, after }, { db }) => {
      const size = first ?? PAGE_DEFAULT;
      if (size < 0 || size > PAGE_MAX)
        throw badUserInput(`first: found ${size}; a page has 0 to ${PAGE_MAX}.`, ['first']);
      const position = after == null ? 0n : decodeCursor(after);
      const rows = await readKeyHistory(db, id, position, size + 1);
      const edges = rows.slice(0, size).map((node) => ({ cursor: encodeCursor(node.position), node }));
      return {
        edges,
        pageInfo: {
          hasNextPage: rows.length > size,
          hasPreviousPage: after != null,
          startCursor: edges[0]?.cursor ?? null,
          endCursor: edges.at(-1)?.cursor ?? null,
        },
      };
    },
  }),
);
