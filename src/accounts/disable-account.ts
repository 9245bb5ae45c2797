import { actorOf } from '../domain/event.ts';
import { fail } from '../domain/failure.ts';
import { may } from '../domain/permission.ts';
import { forbidden } from '../domain/request-error.ts';
import { useCase } from '../log/use-case.ts';
import { checkText, LONGEST_REASON } from '../domain/check-text.ts';

export interface DisableAccountInput {
  readonly accountId: string;
  readonly reason: string;
}

/** Closes an account: its sessions end at once, it cannot sign in, and no keys are issued for it. Its keys go on. */
export const disableAccount = useCase<
  DisableAccountInput,
  { readonly isDisabled: boolean },
  { readonly accountId: string }
>({
  name: 'disableAccount',

  async authorize({ tx }, caller, { accountId, reason }) {
    checkText('reason', reason, LONGEST_REASON);
    if (!may(caller, 'account.disable', { accountId })) throw forbidden('Only administrators disable accounts.');
    // All administrators, locked in one order, so that two who disable each other do not leave none.
    await tx.$queryRaw`SELECT 1 FROM "Account" WHERE id = ${accountId} OR "isAdministrator" ORDER BY id FOR UPDATE`;
    const account = await tx.account.findUnique({ where: { id: accountId } });
    if (account === null)
      return fail('AccountNotFound', 'There is no account with this id.', { path: ['input', 'accountId'] });
    return { isDisabled: account.disabledAt !== null };
  },

  async run({ tx, tell, now }, caller, { accountId, reason }, { isDisabled }) {
    if (isDisabled) return { accountId };
    const left = await tx.account.count({ where: { isAdministrator: true, disabledAt: null, id: { not: accountId } } });
    if (left === 0)
      return fail('LastAdministrator', 'No other administrator is left.', { path: ['input', 'accountId'] });
    const at = now();
    await tx.account.update({ where: { id: accountId }, data: { disabledAt: at } });
    await tx.session.updateMany({ where: { accountId, endedAt: null }, data: { endedAt: at } });
    tell({ type: 'ACCOUNT_DISABLED', at, ownerId: accountId, actor: actorOf(caller), reason, data: {} });
    return { accountId };
  },
});
