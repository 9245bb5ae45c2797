import type { Caller } from '../domain/caller.ts';
import { actorOf } from '../domain/event.ts';
import { fail } from '../domain/failure.ts';
import { may } from '../domain/permission.ts';
import { forbidden } from '../domain/request-error.ts';
import type { Change } from '../log/change.ts';
import { useCase } from '../log/use-case.ts';
import { wakeKeysOf } from '../policies/wake-keys.ts';
import { liveKeys } from '../keys/live-keys.ts';
import { recheckAccount } from './account-caller.ts';
import { hasOwner } from './has-owner.ts';
import { isLastAdministrator, lockAdministrators } from './last-administrator.ts';
import { checkText, LONGEST_REASON } from '../domain/check-text.ts';

export interface DisableAccountInput {
  readonly accountId: string;
  /** False: the account is enabled again. Default: true. Requests of earlier releases have no such field. */
  readonly isDisabled?: boolean;
  readonly reason: string;
}

/**
 * Disables an account: its sessions end at once, it cannot sign in, and no keys are issued for it. Its keys keep
 * working, and so do organizations that are left without an OWNER; events record both. Enabled again, it can sign in with its
 * password; no session returns.
 */
export const disableAccount = useCase<
  DisableAccountInput,
  { readonly isDisabled: boolean },
  { readonly accountId: string }
>()({
  name: 'disableAccount',

  async authorize({ tx }, caller, { accountId, reason }) {
    checkText('reason', reason, LONGEST_REASON);
    requireAdministrator(caller, accountId);
    // Organizations are locked first, as for a change of members. If two OWNERs are disabled concurrently, the second
    // change then sees that no OWNER is left.
    await tx.$queryRaw`
      SELECT 1 FROM "Organization" WHERE id IN (SELECT "organizationId" FROM "Membership" WHERE "accountId" = ${accountId})
      ORDER BY id FOR NO KEY UPDATE`;
    await lockAdministrators(tx, accountId);
    requireAdministrator(await recheckAccount(tx, caller), accountId);
    const account = await tx.account.findUnique({ where: { id: accountId } });
    if (account === null) return fail('AccountNotFound', 'No account has this id.', { path: ['input', 'accountId'] });
    return { isDisabled: account.disabledAt !== null };
  },

  async run(change, caller, { accountId, isDisabled = true, reason }, before) {
    const { tx, record, now } = change;
    if (before.isDisabled === isDisabled) return { accountId };
    if (!isDisabled) {
      await enableAccount(change, caller, accountId, reason);
      return { accountId };
    }
    if (await isLastAdministrator(tx, accountId)) {
      return fail('LastAdministrator', 'The last open administrator account cannot be disabled.', {
        path: ['input', 'accountId'],
      });
    }
    const at = now();
    await tx.account.update({ where: { id: accountId }, data: { disabledAt: at } });
    await tx.session.updateMany({ where: { accountId, endedAt: null }, data: { endedAt: at } });
    await wakeKeysOf(change, accountId, at, { onlyDormant: false });
    const keyCount = await tx.key.count({ where: { accountId, ...liveKeys(at) } });
    const common = { at, actor: actorOf(caller), reason };
    record({ ...common, type: 'ACCOUNT_DISABLED', ownerId: accountId, data: { keyCount } });
    const owned = await tx.membership.findMany({
      where: { accountId, role: 'OWNER' },
      orderBy: { organizationId: 'asc' },
    });
    for (const { organizationId: ownerId } of owned) {
      if (await hasOwner(tx, ownerId)) continue;
      const role = 'OWNER' as const;
      const data = { accountId, from: role, to: role, hasOwner: false, before: { role }, after: { role } };
      record({ ...common, type: 'ORGANIZATION_MEMBER_CHANGED', ownerId, data });
    }
    return { accountId };
  },
});

function requireAdministrator(caller: Caller, accountId: string): void {
  if (!may(caller, 'account.disable', { accountId })) throw forbidden('Only administrators can disable accounts.');
}

async function enableAccount(change: Change, caller: Caller, accountId: string, reason: string): Promise<void> {
  const { tx, record, now } = change;
  const at = now();
  await tx.account.update({ where: { id: accountId }, data: { disabledAt: null } });
  await wakeKeysOf(change, accountId, at, { onlyDormant: false });
  const keyCount = await tx.key.count({ where: { accountId, ...liveKeys(at) } });
  record({ type: 'ACCOUNT_ENABLED', at, ownerId: accountId, actor: actorOf(caller), reason, data: { keyCount } });
}
