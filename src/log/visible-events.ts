import { Prisma, type Event } from '../../prisma/generated/client/client.ts';
import { hasReservedAction, type Caller } from '../domain/caller.ts';
import { may } from '../domain/permission.ts';

/** Whom an event concerns: the owner of what it is about; that a key was given away, also the one who had it. */
export function findEventOwners({ type, ownerId, data }: Event): readonly (string | null)[] {
  const { from } = data as { from?: unknown };
  return type === 'KEY_TRANSFERRED' && typeof from === 'string' ? [ownerId, from] : [ownerId];
}

/** Whose events are asked for: an account's or an organization's, or all of a realm. */
export type EventScope = { readonly ownerId: string } | { readonly realmId: string };

/** Whether an event is of an owner or a realm: for an owner no more than it sees, for a realm what administrators see. */
export function isInEventScope(concerned: EventScope, event: Event): boolean {
  return 'realmId' in concerned
    ? event.realmId === concerned.realmId
    : findEventOwners(event).includes(concerned.ownerId);
}

/** The same as a filter, for what is read from the database. */
export function eventScopeFilter(concerned: EventScope): Prisma.EventWhereInput {
  if ('realmId' in concerned) return { realmId: concerned.realmId };
  const { ownerId } = concerned;
  return { OR: [{ ownerId }, { type: 'KEY_TRANSFERRED', data: { path: ['from'], equals: ownerId } }] };
}

/** Whether a caller may see an event: as what it is about. What is told of a whole realm is for all who may see that. */
export function maySeeEvent(caller: Caller, event: Event): boolean {
  const { keyId, realmId, ownerId } = event;
  if (keyId === null && ownerId === null) return may(caller, 'realm.read', { realmId });
  return findEventOwners(event).some((owner) => may(caller, 'event.read', { keyId, realmId, ownerId: owner }));
}

/** What is told of whole realms and of the gateway. */
export const realmWideCondition = Prisma.sql`("keyId" IS NULL AND "ownerId" IS NULL)`;

/** That one of these had a key and gave it away. */
export function transferredFromCondition(owners: readonly string[]): Prisma.Sql {
  const texts = owners.map((owner) => Prisma.sql`to_jsonb(${owner}::text)`);
  return Prisma.sql`(type = 'KEY_TRANSFERRED' AND data -> 'from' IN (${Prisma.join(texts)}))`;
}

/** The owners whose events a caller may see; null: all owners'. */
export function findVisibleOwners(caller: Caller): readonly string[] | null {
  if (caller.kind === 'ACCOUNT') return caller.isAdministrator ? null : [caller.id, ...caller.roles.keys()];
  return caller.kind === 'KEY' && hasReservedAction(caller, 'keytide:read') ? [caller.ownerId] : [];
}

/** What a caller may see, as a condition on rows of "Event": it chooses before a reader judges each event by maySeeEvent. */
export function visibleEventsCondition(caller: Caller): Prisma.Sql {
  const owners = findVisibleOwners(caller);
  if (owners === null) return Prisma.sql`TRUE`;
  const ofOwners =
    owners.length === 0
      ? Prisma.sql`FALSE`
      : Prisma.sql`("ownerId" = ANY(${owners}) OR ${transferredFromCondition(owners)})`;
  switch (caller.kind) {
    case 'ANONYMOUS':
      return Prisma.sql`FALSE`;
    case 'ACCOUNT':
      return Prisma.sql`(${realmWideCondition} OR ${ofOwners})`;
    case 'KEY':
      return Prisma.sql`("keyId" = ${caller.id} OR "realmId" = ${caller.realmId} AND (${realmWideCondition} OR ${ofOwners}))`;
  }
}
