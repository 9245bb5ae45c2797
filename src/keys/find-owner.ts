import type { Caller } from '../domain/caller.ts';
import { fail, type Failure } from '../domain/failure.ts';
import { kindOf } from '../domain/id.ts';
import { may } from '../domain/permission.ts';
import { badUserInput, forbidden } from '../domain/request-error.ts';
import type { Change } from '../log/change.ts';
import { shareOwners } from '../policies/lock-owners.ts';
import { loadPolicyFacts } from '../policies/realm-policies.ts';
import { findSubjectById, type SubjectOwner } from './subject-owner.ts';

export type Owner = { readonly kind: 'account' | 'organization'; readonly id: string } | SubjectOwner;

export type FoundOwner = Owner | Failure<'OwnerNotFound' | 'OwnerNotActive'>;

/**
 * Finds the account, organization or subject for which a caller wants to issue a key. Without a requested id, that is the
 * calling account, the owner of the calling key, or the subject of the calling portal session.
 */
export async function findOwner(
  change: Change,
  caller: Caller,
  requestedId: string | null,
  realmId: string,
): Promise<FoundOwner> {
  const [only] = await findOwners(change, caller, [requestedId], realmId);
  if (only === undefined) throw new Error('no owner was looked for');
  return only;
}

/**
 * Finds the owners of several keys of a realm, in the order of the requested ids: all accounts and organizations with one
 * statement, each subject with one. None of them is disabled until the transaction ends. See `findOwner`.
 */
export async function findOwners(
  change: Change,
  caller: Caller,
  requestedIds: readonly (string | null)[],
  realmId: string,
): Promise<readonly FoundOwner[]> {
  const ids = requestedIds.map((id) => id ?? defaultOwnerId(caller));
  const isAllowed = (id: string) => may(caller, 'key.issue', { ownerId: id, realmId });
  if (caller.kind === 'KEY' && ids.includes(caller.ownerId) && !isAllowed(caller.ownerId)) {
    throw forbidden('This key may not issue keys: it lacks the scope keytide:issue.');
  }
  const path = ['input', 'owner'];
  const notFound = fail('OwnerNotFound', 'There is no owner with this id for whom you may issue keys.', { path });
  const allowed = [...new Set(ids.filter(isAllowed))];
  const subjects = new Map<string, FoundOwner>();
  for (const id of allowed) {
    if (kindOf(id) === 'subject') subjects.set(id, (await findSubjectById(change, id, realmId)) ?? notFound);
  }
  const others = allowed.filter((id) => isAccountOrOrganization(kindOf(id)));
  await shareOwners(change, others);
  // With the policies that the keys will be evaluated with.
  const owners = others.length === 0 ? null : (await loadPolicyFacts(change.tx, [realmId], others)).owners;
  return ids.map((id) => {
    const subject = subjects.get(id);
    if (subject !== undefined) return subject;
    const [kind, owner] = [kindOf(id), owners?.get(id)];
    if (!isAccountOrOrganization(kind) || owner === undefined) return notFound;
    if (kind === 'account' && owner.disabledAt !== null)
      return fail('OwnerNotActive', 'The owner’s account is disabled.', { path });
    return { kind, id };
  });
}

/**
 * Returns the accounts and organizations among the requested owners. They may be shared (`shareOwners`) before it is known
 * whether the caller may issue keys for them.
 */
export function listRequestedOwners(caller: Caller, requestedIds: readonly (string | null)[]): readonly string[] {
  const ids = caller.kind === 'ANONYMOUS' ? requestedIds : requestedIds.map((id) => id ?? defaultOwnerId(caller));
  return ids.filter((id) => id !== null).filter((id) => isAccountOrOrganization(kindOf(id)));
}

function isAccountOrOrganization(kind: ReturnType<typeof kindOf>): kind is 'account' | 'organization' {
  return kind === 'account' || kind === 'organization';
}

function defaultOwnerId(caller: Caller): string {
  if (caller.kind === 'ANONYMOUS')
    throw badUserInput('owner: found nothing; expected an id, because the caller is not signed in.');
  if (caller.kind === 'PORTAL') return caller.subjectId;
  return caller.kind === 'KEY' ? caller.ownerId : caller.id;
}
