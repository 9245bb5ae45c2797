import type { Prisma } from '../../prisma/generated/client/client.ts';
import type { Caller } from '../domain/caller.ts';

/** The accounts that a caller may see: its own, those that share an organization with it, for administrators all. */
export function visibleAccounts(caller: Caller): Prisma.AccountWhereInput {
  if (caller.kind !== 'ACCOUNT') return { id: { in: [] } };
  if (caller.isAdministrator) return {};
  const shared = { memberships: { some: { organizationId: { in: [...caller.roles.keys()] } } } };
  return { OR: [{ id: caller.id }, shared] };
}

/** The organizations that a caller may see: those it belongs to, for administrators all. */
export function visibleOrganizations(caller: Caller): Prisma.OrganizationWhereInput {
  if (caller.kind !== 'ACCOUNT') return { id: { in: [] } };
  return caller.isAdministrator ? {} : { id: { in: [...caller.roles.keys()] } };
}
