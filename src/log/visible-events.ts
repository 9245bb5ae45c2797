import type { Event, Prisma } from '../../prisma/generated/client/client.ts';
import { holdsReserved, type Caller } from '../domain/caller.ts';
import { may } from '../domain/permission.ts';

/** Whom an event concerns: the owner of what it is about; that a key was given away, also the one who had it. */
export function ownersOf({ type, ownerId, data }: Event): readonly (string | null)[] {
  const { from } = data as { from?: unknown };
  return type === 'KEY_TRANSFERRED' && typeof from === 'string' ? [ownerId, from] : [ownerId];
}

/** Whose events are asked for: an account's or an organization's, or all of a realm. */
export type Concerned = { readonly ownerId: string } | { readonly realmId: string };

/** Whether an event is of an owner or a realm: for an owner no more than it sees, for a realm what administrators see. */
export function isOf(concerned: Concerned, event: Event): boolean {
  return 'realmId' in concerned ? event.realmId === concerned.realmId : ownersOf(event).includes(concerned.ownerId);
}

/** The same as a filter, for what is read from the database. */
export function eventsOf(concerned: Concerned): Prisma.EventWhereInput {
  if ('realmId' in concerned) return { realmId: concerned.realmId };
  return { OR: [{ ownerId: concerned.ownerId }, givenAwayBy(concerned.ownerId)] };
}

/** Whether a caller may see an event: as what it is about. What is told of a whole realm is for all who may see that. */
export function maySeeEvent(caller: Caller, event: Event): boolean {
  const { keyId, realmId, ownerId } = event;
  if (keyId === null && ownerId === null) return may(caller, 'realm.read', { realmId });
  return ownersOf(event).some((owner) => may(caller, 'event.read', { keyId, realmId, ownerId: owner }));
}

/** The same as a filter, for what is read from the database. */
export function visibleEvents(caller: Caller): Prisma.EventWhereInput {
  const ofRealms = { keyId: null, ownerId: null };
  switch (caller.kind) {
    case 'ANONYMOUS':
      return { id: { in: [] } };
    case 'ACCOUNT': {
      if (caller.isAdministrator) return {};
      const owners = [caller.id, ...caller.roles.keys()];
      return { OR: [ofRealms, { ownerId: { in: owners } }, ...owners.map(givenAwayBy)] };
    }
    case 'KEY': {
      const ofOwner = { realmId: caller.realmId, ownerId: caller.ownerId };
      const ours = holdsReserved(caller, 'keytide:read')
        ? [ofOwner, { ...givenAwayBy(caller.ownerId), realmId: caller.realmId }]
        : [];
      return { OR: [{ ...ofRealms, realmId: caller.realmId }, { keyId: caller.id }, ...ours] };
    }
  }
}

function givenAwayBy(owner: string): Prisma.EventWhereInput {
  return { type: 'KEY_TRANSFERRED', data: { path: ['from'], equals: owner } };
}
