import type { Event, Prisma } from '../../prisma/generated/client/client.ts';
import { holdsReserved, type Caller } from '../domain/caller.ts';
import { may } from '../domain/permission.ts';

/** Whether a caller may see an event: as what it is about. What is told of a whole realm is for all who may see that. */
export function maySeeEvent(caller: Caller, { keyId, realmId, ownerId }: Event): boolean {
  if (keyId === null && ownerId === null) return may(caller, 'realm.read', { realmId });
  return may(caller, 'event.read', { keyId, realmId, ownerId });
}

/** The same as a filter, for what is read from the database. */
export function visibleEvents(caller: Caller): Prisma.EventWhereInput {
  const ofRealms = { keyId: null, ownerId: null };
  switch (caller.kind) {
    case 'ANONYMOUS':
      return { id: { in: [] } };
    case 'ACCOUNT':
      if (caller.isAdministrator) return {};
      return { OR: [ofRealms, { ownerId: { in: [caller.id, ...caller.roles.keys()] } }] };
    case 'KEY': {
      const ofOwner = { realmId: caller.realmId, ownerId: caller.ownerId };
      const ours = holdsReserved(caller, 'keytide:read') ? [ofOwner] : [];
      return { OR: [{ ...ofRealms, realmId: caller.realmId }, { keyId: caller.id }, ...ours] };
    }
  }
}
