import type { Prisma } from '../../prisma/generated/client/client.ts';
import { hasReservedAction, type Caller } from '../domain/caller.ts';

/**
 * Returns a filter for the keys that a caller may see. It selects exactly those that the permission key.read allows.
 */
export function visibleKeys(caller: Caller): Prisma.KeyWhereInput {
  switch (caller.kind) {
    case 'ANONYMOUS':
      return { id: { in: [] } };
    case 'ACCOUNT':
      if (caller.isAdministrator) return {};
      return { OR: [{ accountId: caller.id }, { organizationId: { in: [...caller.roles.keys()] } }] };
    case 'KEY': {
      if (!hasReservedAction(caller, 'keytide:read')) return { id: caller.id };
      const isOwners = { OR: [{ accountId: caller.ownerId }, { organizationId: caller.ownerId }] };
      return { OR: [{ id: caller.id }, { realmId: caller.realmId, ...isOwners }] };
    }
  }
}
