import type { Caller } from '../domain/caller.ts';
import { fail, isFailure, type Failure } from '../domain/failure.ts';
import { kindOf } from '../domain/id.ts';
import { may } from '../domain/permission.ts';
import { badUserInput, forbidden } from '../domain/request-error.ts';
import type { Change } from '../log/change.ts';
import { lockManagedRealm } from '../policies/lock-realm.ts';

/** What a webhook belongs to: exactly one of the three is set. */
export interface WebhookOwner {
  readonly accountId: string | null;
  readonly organizationId: string | null;
  readonly realmId: string | null;
}

const noOwner: WebhookOwner = { accountId: null, organizationId: null, realmId: null };

/** Locks the owner or the realm that the caller gives; neither given: the caller's own account. */
export async function lockWebhookOwner(
  change: Change,
  caller: Caller,
  { owner, realm }: { readonly owner: string | null; readonly realm: string | null },
): Promise<WebhookOwner | Failure<'OwnerNotFound' | 'OwnerNotActive' | 'RealmNotFound'>> {
  if (caller.kind !== 'ACCOUNT') throw forbidden('Only accounts can create webhooks. Sign in first.');
  if (owner !== null && realm !== null) {
    throw badUserInput('Found owner and realm; expected one of them.', ['input', 'realm']);
  }
  if (realm !== null) {
    const found = await lockManagedRealm(change, caller, realm);
    return isFailure(found) ? found : { ...noOwner, realmId: found.id };
  }
  return lockOwner(change, caller, owner ?? caller.id);
}

async function lockOwner({ tx }: Change, caller: Caller, id: string) {
  const path = ['input', 'owner'];
  const notFound = fail('OwnerNotFound', 'No owner has this id, or you do not manage its webhooks.', { path });
  const kind = kindOf(id);
  if ((kind !== 'account' && kind !== 'organization') || !may(caller, 'webhook.manage', { ownerId: id })) {
    return notFound;
  }
  // The lock serializes changes for one owner, so that concurrent ones cannot exceed the limit of webhooks.
  if (kind === 'organization') {
    const found = await tx.$queryRaw<unknown[]>`SELECT 1 FROM "Organization" WHERE id = ${id} FOR NO KEY UPDATE`;
    return found.length === 0 ? notFound : { ...noOwner, organizationId: id };
  }
  const [account] = await tx.$queryRaw<{ disabledAt: Date | null }[]>`
    SELECT "disabledAt" FROM "Account" WHERE id = ${id} FOR NO KEY UPDATE`;
  if (account === undefined) return notFound;
  if (account.disabledAt !== null) return fail('OwnerNotActive', 'The owner’s account is disabled.', { path });
  return { ...noOwner, accountId: id };
}
