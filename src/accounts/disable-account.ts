import { actorOf } from '../domain/event.ts';
import { fail } from '../domain/failure.ts';
import { may } from '../domain/permission.ts';
import { forbidden } from '../domain/request-error.ts';
import { useCase } from '../log/use-case.ts';
import { wakeKeysOf } from '../policies/wake-keys.ts';
import { liveKeys } from '../keys/live-keys.ts';
import { hasOwner } from './has-owner.ts';
import { checkText, LONGEST_REASON } from '../domain/check-text.ts';

export interface DisableAccountInput {
  readonly accountId: string;
  readonly reason: string;
}

/**
 * Disables an account: its sessions end at once, it cannot sign in, and no keys are issued for it. Its keys keep
 * working, and so do organizations that are left without an OWNER; events record both.
 */
export const disableAccount = useCase<
  DisableAccountInput,
  { readonly isDisabled: boolean },
  { readonly accountId: string }
>()({
  name: 'disableAccount',

  async authorize({ tx }, caller, { accountId, reason }) {
    checkText('reason', reason, LONGEST_REASON);
    if (!may(caller, 'account.disable', { accountId })) throw forbidden('Only administrators can disable accounts.');
    // FOR NO KEY UPDATE: a key that is written with its events only checks a foreign key, and must not wait for this change.
    // Organizations are locked first, as for a change of members. If two OWNERs are disabled concurrently, the second
    // change then sees that no OWNER is left.
    await tx.$queryRaw`
      SELECT 1 FROM "Organization" WHERE id IN (SELECT "organizationId" FROM "Membership" WHERE "accountId" = ${accountId})
      ORDER BY id FOR NO KEY UPDATE`;
    // All administrators are locked in one order: two who disable each other must neither deadlock nor leave no
    // administrator.
    await tx.$queryRaw`SELECT 1 FROM "Account" WHERE id = ${accountId} OR "isAdministrator" ORDER BY id FOR NO KEY UPDATE`;
    const account = await tx.account.findUnique({ where: { id: accountId } });
    if (account === null) return fail('AccountNotFound', 'No account has this id.', { path: ['input', 'accountId'] });
    return { isDisabled: account.disabledAt !== null };
  },

  async run(change, caller, { accountId, reason }, { isDisabled }) {
    const { tx, record, now } = change;
    if (isDisabled) return { accountId };
    const remainingCount = await tx.account.count({
      where: { isAdministrator: true, disabledAt: null, id: { not: accountId } },
    });
    if (remainingCount === 0)
      return fail('LastAdministrator', 'The last open administrator account cannot be disabled.', {
        path: ['input', 'accountId'],
      });
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
