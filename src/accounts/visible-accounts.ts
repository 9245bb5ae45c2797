import type { Prisma } from '../../prisma/generated/client/client.ts';
import type { Caller } from '../domain/caller.ts';

/**
 * Returns a filter for the accounts that a caller may see. An administrator sees all accounts, another account sees
 * itself and the members of its organizations, and any other caller sees none.
 */
export function visibleAccounts(caller: Caller): Prisma.AccountWhereInput {
  if (caller.kind !== 'ACCOUNT') return { id: { in: [] } };
  if (caller.isAdministrator) return {};
  const shared = { memberships: { some: { organizationId: { in: [...caller.roles.keys()] } } } };
  return { OR: [{ id: caller.id }, shared] };
}

/**
 * Returns a filter for the organizations that a caller may see. An administrator sees all organizations, another
 * account sees its own, and any other caller sees none.
 */
export function visibleOrganizations(caller: Caller): Prisma.OrganizationWhereInput {
  if (caller.kind !== 'ACCOUNT') return { id: { in: [] } };
  return caller.isAdministrator ? {} : { id: { in: [...caller.roles.keys()] } };
}
