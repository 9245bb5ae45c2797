import type { Caller } from '../domain/caller.ts';
import { fail, type Failure } from '../domain/failure.ts';
import { kindOf } from '../domain/id.ts';
import { may } from '../domain/permission.ts';
import { badUserInput, forbidden } from '../domain/request-error.ts';
import type { Change } from '../log/change.ts';
import { loadPolicyFacts } from '../policies/realm-policies.ts';
import { findSubjectById, type SubjectOwner } from './subject-owner.ts';

export type Owner = { readonly kind: 'account' | 'organization'; readonly id: string } | SubjectOwner;

/**
 * Finds the account, organization or subject for which a caller wants to issue a key. Without a requested id, that is the
 * calling account, or the owner of the calling key.
 */
export async function findOwner(
  change: Change,
  caller: Caller,
  requestedId: string | null,
  realmId: string,
): Promise<Owner | Failure<'OwnerNotFound' | 'OwnerNotActive'>> {
  const id = requestedId ?? defaultOwnerId(caller);
  const path = ['input', 'owner'];
  const notFound = fail('OwnerNotFound', 'There is no owner with this id for whom you may issue keys.', { path });
  const kind = kindOf(id);
  if (caller.kind === 'KEY' && id === caller.ownerId && !may(caller, 'key.issue', { ownerId: id, realmId })) {
    throw forbidden('This key may not issue keys: it lacks the scope keytide:issue.');
  }
  if (!may(caller, 'key.issue', { ownerId: id, realmId })) return notFound;
  if (kind === 'subject') return (await findSubjectById(change, id, realmId)) ?? notFound;
  if (kind !== 'account' && kind !== 'organization') return notFound;
  // With the policies that the key will be evaluated with.
  const owner = (await loadPolicyFacts(change.tx, [realmId], [id])).owners.get(id);
  if (owner === undefined) return notFound;
  if (kind === 'account' && owner.disabledAt !== null)
    return fail('OwnerNotActive', 'The owner’s account is disabled.', { path });
  return { kind, id };
}

function defaultOwnerId(caller: Caller): string {
  if (caller.kind === 'ANONYMOUS')
    throw badUserInput('owner: found nothing; expected an id, because the caller is not signed in.');
  return caller.kind === 'KEY' ? caller.ownerId : caller.id;
}
