import type { Caller } from '../domain/caller.ts';
import { fail, isFailure, type Failure } from '../domain/failure.ts';
import { kindOf } from '../domain/id.ts';
import { may } from '../domain/permission.ts';
import { badUserInput, forbidden } from '../domain/request-error.ts';
import type { Change } from '../log/change.ts';
import { lockManagedRealm } from '../realms/lock-realm.ts';

/** What a webhook is to belong to: one of the three. */
export interface WebhookOwner {
  readonly accountId: string | null;
  readonly organizationId: string | null;
  readonly realmId: string | null;
}

const noOwner: WebhookOwner = { accountId: null, organizationId: null, realmId: null };

/** Locks the owner, or the realm by its slug, that a caller names; neither: the caller's own account. */
export async function lockWebhookOwner(
  change: Change,
  caller: Caller,
  { owner, realm }: { readonly owner: string | null; readonly realm: string | null },
): Promise<WebhookOwner | Failure<'OwnerNotFound' | 'OwnerNotActive' | 'RealmNotFound'>> {
  if (caller.kind !== 'ACCOUNT') throw forbidden('Only accounts make webhooks.');
  if (owner !== null && realm !== null) {
    throw badUserInput('Found owner and realm; a webhook belongs to one of them.', ['input', 'realm']);
  }
  if (realm !== null) {
    const found = await lockManagedRealm(change, caller, realm);
    return isFailure(found) ? found : { ...noOwner, realmId: found.id };
  }
  return lockOwner(change, caller, owner ?? caller.id);
}

async function lockOwner({ tx }: Change, caller: Caller, id: string) {
  const path = ['input', 'owner'];
  const notFound = fail('OwnerNotFound', 'There is no owner with this id whose webhooks you manage.', { path });
  const kind = kindOf(id);
  if ((kind !== 'account' && kind !== 'organization') || !may(caller, 'webhook.manage', { ownerId: id })) {
    return notFound;
  }
  // Those who make webhooks of one owner at once wait for each other, so that they are counted.
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
