import type { Prisma } from '../../prisma/generated/client/client.ts';
import { hasReservedAction, type Caller } from '../domain/caller.ts';

/**
 * Returns a filter for the subjects that a caller may see: those that the permission subject.read allows. Removed subjects
 * are included.
 */
export function visibleSubjects(caller: Caller): Prisma.SubjectWhereInput {
  const none = { id: { in: [] } };
  switch (caller.kind) {
    case 'ANONYMOUS':
    case 'PORTAL':
      return none;
    case 'ACCOUNT':
      return caller.isAdministrator ? {} : none;
    case 'KEY':
      return hasReservedAction(caller, 'keytide:manage') ? { realmId: caller.realmId } : none;
  }
}
