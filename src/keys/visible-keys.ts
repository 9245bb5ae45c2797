import type { Prisma } from '../../prisma/generated/client/client.ts';
import { hasReservedAction, type Caller } from '../domain/caller.ts';
import { may } from '../domain/permission.ts';

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
    case 'PORTAL': {
      const { realmId, subjectId } = caller;
      // A relation to any key of the subject that lets it be read.
      return may(caller, 'key.read', { realmId, ownerId: subjectId }) ? { realmId, subjectId } : { id: { in: [] } };
    }
    case 'KEY': {
      const { id, realmId, ownerId } = caller;
      const seen: Prisma.KeyWhereInput[] = [{ id }];
      if (hasReservedAction(caller, 'keytide:read')) {
        seen.push({ realmId, OR: [{ accountId: ownerId }, { organizationId: ownerId }, { subjectId: ownerId }] });
      }
      if (hasReservedAction(caller, 'keytide:manage')) seen.push({ realmId, subjectId: { not: null } });
      return seen.length === 1 ? { id } : { OR: seen };
    }
  }
}
