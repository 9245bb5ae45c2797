import type { Caller } from '../domain/caller.ts';
import { findCeiling } from '../domain/ceiling.ts';
import { fail, type Failure } from '../domain/failure.ts';
import { may, type Target } from '../domain/permission.ts';
import { badUserInput } from '../domain/request-error.ts';
import { includesScope, isReserved, scopeProblem, type Scope } from '../domain/scope.ts';
import type { Change } from '../log/change.ts';

export const MAX_SCOPES = 100;

/** Checks the number and the form of scopes, regardless of who may give them. @throws BAD_USER_INPUT */
export function checkScopes(scopes: readonly Scope[]): void {
  if (scopes.length === 0 || scopes.length > MAX_SCOPES) {
    throw badUserInput(`scopes: found ${scopes.length}; a key has 1 to ${MAX_SCOPES}.`, ['input', 'scopes']);
  }
  scopes.forEach((scope, index) => {
    const problem = scopeProblem(scope);
    if (problem !== null) throw badUserInput(`scopes[${index}]: ${problem}`, ['input', 'scopes', String(index)]);
  });
}

/**
 * Returns the failure if a caller may not give these scopes to a key of an owner in a realm; null if it may.
 *
 * `isNew`: the scopes were requested for a new key, and retired actions are refused. Otherwise the scopes are those of
 * an existing key that is to get another owner, and the failure's path is `owner`.
 */
export async function refuseScopes(
  change: Change,
  caller: Caller,
  realm: { readonly id: string; readonly slug: string; readonly foldsCase: boolean },
  ownerId: string,
  scopes: readonly Scope[],
  { isNew }: { readonly isNew: boolean },
): Promise<Failure<'ScopeNotAllowed'> | null> {
  // Keys that have a retired action keep it; new keys cannot get it.
  const where = { realmId: realm.id, ...(isNew && { retiredAt: null }) };
  const catalogue = await change.tx.action.findMany({ where });
  const known = new Set(catalogue.map((action) => action.name));
  const ceiling = await ceilingOf(change, caller, realm.id, ownerId);
  for (const [index, scope] of scopes.entries()) {
    const problem = refuseScope(caller, { realmId: realm.id, ownerId }, scope, known, ceiling, realm);
    if (problem === null) continue;
    return fail('ScopeNotAllowed', problem, { path: isNew ? ['input', 'scopes', String(index)] : ['input', 'owner'] });
  }
  return null;
}

function refuseScope(
  caller: Caller,
  target: Target,
  scope: Scope,
  known: ReadonlySet<string>,
  ceiling: readonly Scope[] | null,
  realm: { readonly slug: string; readonly foldsCase: boolean },
): string | null {
  if (isReserved(scope.action)) {
    const capability = scope.action === 'keytide:verify' ? 'key.grantVerify' : 'key.grantReserved';
    const isWithinParent = caller.kind === 'KEY' && ceiling !== null && includesScope(ceiling, scope, realm);
    if (!isWithinParent && !may(caller, capability, target)) return `You may not give ${scope.action} to a key.`;
    return null;
  }
  if (!known.has(scope.action)) {
    const names = [...known].sort().join(', ') || 'none';
    return `${scope.action} is not an available action of realm ${realm.slug}. Available: ${names}.`;
  }
  if (ceiling !== null && !includesScope(ceiling, scope, realm)) {
    return `${scope.action} on ${scope.resource} is not provably within the scopes that you may give.`;
  }
  return null;
}

/**
 * Returns the widest scopes that a caller may give: for a key, its own scopes; for an account, the realm's ceiling for
 * the account's role towards the owner. Null: there is no such limit.
 */
async function ceilingOf(change: Change, caller: Caller, realmId: string, ownerId: string): Promise<Scope[] | null> {
  if (caller.kind === 'KEY') return [...caller.scopes];
  if (caller.kind !== 'ACCOUNT' || caller.isAdministrator) return null;
  const role = ownerId === caller.id ? null : (caller.roles.get(ownerId) ?? 'MEMBER');
  return findCeiling(await change.tx.ceiling.findMany({ where: { realmId } }), role);
}
