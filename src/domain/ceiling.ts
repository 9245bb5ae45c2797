import type { Role } from './caller.ts';
import type { Scope } from './scope.ts';

/** The roles that a ceiling can limit, highest first. */
const ceilingRoles = ['OWNER', 'ADMIN', 'MEMBER'] as const satisfies readonly Role[];

/** One scope of the ceiling of a role. */
type CeilingScope = Scope & { readonly role: Role };

/** The scopes beyond which an account may give nothing, and the role whose ceiling they are. */
export interface AppliedCeiling {
  readonly role: Role;
  readonly scopes: Scope[];
}

/**
 * Returns the ceiling that limits what an account may give to a key; null: no ceiling limits the account. `role` is the
 * account's role in the organization that owns the key; null: the account owns the key itself. For its own key the
 * ceiling of OWNER applies. If the realm has none, the ceiling of MEMBER applies, because a ceiling that every member
 * could evade with a key of their own would limit no one.
 */
export function findCeiling(ceilings: readonly CeilingScope[], role: Role | null): AppliedCeiling | null {
  const scopesOf = (wanted: Role) =>
    ceilings.filter((row) => row.role === wanted).map(({ action, resource }) => ({ action, resource }));
  const candidates: readonly Role[] = role === null ? ['OWNER', 'MEMBER'] : [role];
  const applied = candidates.find((candidate) => scopesOf(candidate).length > 0);
  return applied === undefined ? null : { role: applied, scopes: scopesOf(applied) };
}

/** Returns the roles without a ceiling, highest first. */
export function findOpenRoles(ceilings: readonly { readonly role: Role }[]): Role[] {
  return ceilingRoles.filter((role) => ceilings.every((row) => row.role !== role));
}

/** Returns what an administrator should know of ceilings that leave a role open. */
export function ceilingWarnings(ceilings: readonly { readonly role: Role }[]): string[] {
  const open = findOpenRoles(ceilings);
  if (open.length === 0 || open.length === ceilingRoles.length) return [];
  const names = open.join(' and ');
  const consequence = open.includes('OWNER') ? ' Every account can create an organization, where it is OWNER.' : '';
  return [`ceilings: found no ceiling for ${names}, so accounts with that role may give every scope.${consequence}`];
}
