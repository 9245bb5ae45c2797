import type { Caller } from '../domain/caller.ts';
import { findCeiling } from '../domain/ceiling.ts';
import { fail, type Failure } from '../domain/failure.ts';
import { describeWhoMay, isBoundBySubjectCeilings, may, type Capability, type Target } from '../domain/permission.ts';
import { badUserInput } from '../domain/request-error.ts';
import {
  includesScope,
  isReserved,
  isReservedAction,
  scopeProblem,
  type ReservedAction,
  type Scope,
} from '../domain/scope.ts';
import type { Change } from '../log/change.ts';
import { findSubjectScopes, type SubjectCeiling } from '../domain/subject.ts';
import type { Transaction } from '../store/core.ts';
import { loadSteady } from '../store/load-once.ts';
import type { Owner } from './find-owner.ts';
import type { SubjectOwner } from './subject-owner.ts';

export const MAX_SCOPES = 100;

/** How many scopes of a ceiling a message names. */
const MAX_NAMED = 5;

/**
 * Who may give each reserved action. A key may pass its own on to its children, except keytide:follow and
 * keytide:manage.
 */
const grantCapabilities: Readonly<Record<ReservedAction, Capability>> = {
  'keytide:verify': 'key.grantVerify',
  'keytide:follow': 'key.grantFollow',
  'keytide:manage': 'key.grantManage',
  'keytide:read': 'key.grantReserved',
  'keytide:issue': 'key.grantReserved',
};

/** The scopes beyond which a caller may give nothing, and what they are. */
interface NamedCeiling {
  readonly name: string;
  readonly scopes: readonly Scope[];
  readonly remedy: string;
}

/** A realm, as far as the scopes of its keys depend on it. */
interface ScopedRealm {
  readonly id: string;
  readonly slug: string;
  readonly foldsCase: boolean;
  readonly subjectCeilings: unknown;
}

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
  realm: ScopedRealm,
  owner: Owner,
  scopes: readonly Scope[],
  { isNew }: { readonly isNew: boolean },
): Promise<Failure<'ScopeNotAllowed'> | null> {
  const { actions, ceilings } = await loadScopeRules(change.tx, realm.id);
  // Keys that have a retired action keep it; new keys cannot get it.
  const known = new Set(actions.filter(({ isRetired }) => !isNew || !isRetired).map(({ name }) => name));
  const ceiling = ceilingOf(caller, realm, owner, ceilings);
  for (const [index, scope] of scopes.entries()) {
    const refusal = refuseScope(caller, { realmId: realm.id, ownerId: owner.id }, scope, known, ceiling, realm);
    if (refusal === null) continue;
    const path = isNew ? ['input', 'scopes', String(index)] : ['input', 'owner'];
    return fail('ScopeNotAllowed', refusal.found, { path, remedy: refusal.remedy });
  }
  return null;
}

function refuseScope(
  caller: Caller,
  target: Target,
  scope: Scope,
  known: ReadonlySet<string>,
  ceiling: NamedCeiling | null,
  realm: { readonly slug: string; readonly foldsCase: boolean },
): { readonly found: string; readonly remedy: string } | null {
  if (isReserved(scope.action)) {
    const capability = isReservedAction(scope.action) ? grantCapabilities[scope.action] : 'key.grantReserved';
    const isWithinParent = caller.kind === 'KEY' && ceiling !== null && includesScope(ceiling.scopes, scope, realm);
    const isFromAdministratorsOnly = capability === 'key.grantFollow' || capability === 'key.grantManage';
    const isForSubject = isBoundBySubjectCeilings(caller, target.ownerId ?? '', target.realmId ?? '');
    const mayPassOn = isWithinParent && !isFromAdministratorsOnly && !isForSubject;
    if (mayPassOn || may(caller, capability, target)) return null;
    return { found: `You may not give ${scope.action} to a key.`, remedy: `Ask ${describeWhoMay(capability)}.` };
  }
  if (!known.has(scope.action)) {
    const names = [...known].sort().join(', ') || 'none';
    const found = `${scope.action} is not an available action of realm ${realm.slug}. Available: ${names}.`;
    return { found, remedy: 'Request one of these, or ask an administrator of the gateway to define the action.' };
  }
  if (ceiling !== null && !includesScope(ceiling.scopes, scope, realm)) {
    const allowed = ceiling.scopes.slice(0, MAX_NAMED).map(({ action, resource }) => `${action} on ${resource}`);
    if (allowed.length === 0) {
      return { found: `${scope.action} is not allowed: ${ceiling.name} is empty.`, remedy: ceiling.remedy };
    }
    const more = ceiling.scopes.length > MAX_NAMED ? ' and more' : '';
    const found = `${scope.action} on ${scope.resource} is not provably within ${ceiling.name}: ${allowed.join(', ')}${more}.`;
    return { found, remedy: ceiling.remedy };
  }
  return null;
}

/**
 * Returns the widest scopes that a caller may give: for a key, its own scopes, or for a subject the realm's ceiling of subjects; for an account, the realm's ceiling for
 * the account's role towards the owner. Null: there is no such limit.
 */
function ceilingOf(
  caller: Caller,
  realm: ScopedRealm,
  owner: Owner,
  ceilings: ScopeRules['ceilings'],
): NamedCeiling | null {
  if (owner.kind === 'subject' && isBoundBySubjectCeilings(caller, owner.id, realm.id)) {
    return subjectCeilingOf(realm, owner.labels);
  }
  if (caller.kind === 'KEY') {
    const remedy = 'Request narrower scopes, or let its owner issue the key.';
    return { name: 'the scopes of the calling key', scopes: caller.scopes, remedy };
  }
  if (caller.kind !== 'ACCOUNT' || caller.isAdministrator) return null;
  const role = owner.id === caller.id ? null : (caller.roles.get(owner.id) ?? 'MEMBER');
  const applied = findCeiling(ceilings, role);
  if (applied === null) return null;
  const name = `the ceiling of realm ${realm.slug} for the role ${applied.role}`;
  const remedy = 'Request narrower scopes, or ask an administrator of the gateway to raise the ceiling.';
  return { name, scopes: applied.scopes, remedy };
}

/** Returns the widest scopes that a key of a subject may get. Without a ceiling that applies to the subject it gets none. */
function subjectCeilingOf(realm: ScopedRealm, labels: SubjectOwner['labels']): NamedCeiling {
  const ceilings = realm.subjectCeilings as readonly SubjectCeiling[];
  const name = `the ceiling of realm ${realm.slug} for this subject`;
  const remedy = 'Request narrower scopes, or ask an administrator of the gateway to set subjectCeilings of the realm.';
  return { name, scopes: findSubjectScopes(ceilings, labels), remedy };
}

/** What bounds the scopes of a realm's keys. */
interface ScopeRules {
  readonly actions: readonly { readonly name: string; readonly isRetired: boolean }[];
  readonly ceilings: Parameters<typeof findCeiling>[0];
}

/** Loads the actions and the ceilings of a realm in one statement. See `loadSteady`. */
function loadScopeRules(tx: Transaction, realmId: string): Promise<ScopeRules> {
  return loadSteady(tx, `scope rules of ${realmId}`, async () => {
    const [rules] = await tx.$queryRaw<[ScopeRules]>`
      SELECT (
        SELECT coalesce(jsonb_agg(jsonb_build_object('name', name, 'isRetired', "retiredAt" IS NOT NULL)), '[]')
        FROM "Action" WHERE "realmId" = ${realmId}
      ) AS actions, (
        SELECT coalesce(jsonb_agg(jsonb_build_object('role', role, 'action', action, 'resource', resource)), '[]')
        FROM "Ceiling" WHERE "realmId" = ${realmId}
      ) AS ceilings`;
    return rules;
  });
}
