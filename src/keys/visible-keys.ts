import type { Prisma } from '../../prisma/generated/client/client.ts';
import { hasReservedAction, type Caller } from '../domain/caller.ts';

/** The keys that a caller may see, as a filter: what the permission key.read says of each, for lists. */
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
