import { Prisma, type Event } from '../../prisma/generated/client/client.ts';
import { hasReservedAction, type Caller, type KeyCaller } from '../domain/caller.ts';
import { may } from '../domain/permission.ts';

/**
 * Returns the owners that an event concerns: the owner of its subject, and for a transferred key also the previous
 * owner.
 */
export function findEventOwners({ type, ownerId, data }: Event): readonly (string | null)[] {
  const { from } = data as { from?: unknown };
  return type === 'KEY_TRANSFERRED' && typeof from === 'string' ? [ownerId, from] : [ownerId];
}

/** The events of one account or organization, or all events of a realm. */
export type EventScope = { readonly ownerId: string } | { readonly realmId: string };

/**
 * Returns whether an event is in a scope: for an owner, the events that the owner sees; for a realm, all of its events.
 */
export function isInEventScope(scope: EventScope, event: Event): boolean {
  return 'realmId' in scope ? event.realmId === scope.realmId : findEventOwners(event).includes(scope.ownerId);
}

/** Returns a scope as a filter for reads from the database. */
export function eventScopeFilter(scope: EventScope): Prisma.EventWhereInput {
  if ('realmId' in scope) return { realmId: scope.realmId };
  const { ownerId } = scope;
  return { OR: [{ ownerId }, { type: 'KEY_TRANSFERRED', data: { path: ['from'], equals: ownerId } }] };
}

/**
 * Returns whether a caller may see an event. An event about a whole realm is visible to all who may see the realm’s settings, or
 * its policies.
 */
export function maySeeEvent(caller: Caller, event: Event): boolean {
  const { type, keyId, realmId, ownerId } = event;
  if (keyId === null && ownerId === null) {
    return may(caller, isPolicyEvent(type) ? 'policy.read' : 'realm.readSettings', { realmId });
  }
  const capability = keyId === null ? 'event.readOfOwner' : 'event.read';
  return findEventOwners(event).some((owner) => may(caller, capability, { keyId, realmId, ownerId: owner }));
}

/** Whether an event is about a binding of a policy, a brake or a rollout. */
function isPolicyEvent(type: string): boolean {
  return /^(?:POLICY|BRAKE|ROLLOUT)_/.test(type);
}

/** Matches events about whole realms and about the gateway. */
export const realmWideCondition = Prisma.sql`("keyId" IS NULL AND "ownerId" IS NULL)`;

/** Returns the condition that one of these owners transferred a key away. */
export function transferredFromCondition(owners: readonly string[]): Prisma.Sql {
  const texts = owners.map((owner) => Prisma.sql`to_jsonb(${owner}::text)`);
  return Prisma.sql`(type = 'KEY_TRANSFERRED' AND data -> 'from' IN (${Prisma.join(texts)}))`;
}

/** Returns the owners whose events a caller may see; null: all owners. */
export function findVisibleOwners(caller: Caller): readonly string[] | null {
  if (caller.kind === 'ACCOUNT') return caller.isAdministrator ? null : [caller.id, ...caller.roles.keys()];
  if (caller.kind === 'PORTAL') return caller.may.includes('EVENTS') ? [caller.subjectId] : [];
  return caller.kind === 'KEY' && hasReservedAction(caller, 'keytide:read') ? [caller.ownerId] : [];
}

/** Returns the condition that a key with keytide:manage sees an event: a subject is concerned, or was before a transfer. */
function managedCondition(caller: KeyCaller): Prisma.Sql {
  if (!hasReservedAction(caller, 'keytide:manage')) return Prisma.sql`FALSE`;
  return Prisma.sql`(starts_with("ownerId", 'subject_') OR type = 'KEY_TRANSFERRED' AND starts_with(data ->> 'from', 'subject_'))`;
}

/**
 * Returns the condition on rows of "Event" that preselects for a caller. Readers then check each event with
 * maySeeEvent.
 */
export function visibleEventsCondition(caller: Caller): Prisma.Sql {
  const owners = findVisibleOwners(caller);
  if (owners === null) return Prisma.sql`TRUE`;
  const ownerCondition =
    owners.length === 0
      ? Prisma.sql`FALSE`
      : Prisma.sql`("ownerId" = ANY(${owners}) OR ${transferredFromCondition(owners)})`;
  switch (caller.kind) {
    case 'ANONYMOUS':
      return Prisma.sql`FALSE`;
    case 'ACCOUNT':
      return Prisma.sql`(${realmWideCondition} OR ${ownerCondition})`;
    case 'PORTAL':
      return Prisma.sql`("realmId" = ${caller.realmId} AND "keyId" IS NOT NULL AND ${ownerCondition})`;
    case 'KEY':
      return Prisma.sql`("keyId" = ${caller.id} OR "realmId" = ${caller.realmId} AND (${realmWideCondition} OR ${ownerCondition}
        OR ${managedCondition(caller)}))`;
  }
}
