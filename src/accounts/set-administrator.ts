import type { Caller } from '../domain/caller.ts';
import { checkText, LONGEST_REASON } from '../domain/check-text.ts';
import { actorOf } from '../domain/event.ts';
import { fail } from '../domain/failure.ts';
import { may } from '../domain/permission.ts';
import { forbidden } from '../domain/request-error.ts';
import { useCase } from '../log/use-case.ts';
import { recheckAccount } from './account-caller.ts';
import { isLastAdministrator, lockAdministrators } from './last-administrator.ts';

export interface SetAdministratorInput {
  readonly accountId: string;
  readonly isAdministrator: boolean;
  readonly reason: string;
}

/**
 * Makes an account an administrator, or takes that right from it: for its next request on every node. The last open
 * administrator keeps the right. A disabled account can lose it, so that it is enabled without it.
 */
export const setAdministrator = useCase<
  SetAdministratorInput,
  { readonly isAdministrator: boolean },
  { readonly accountId: string }
>()({
  name: 'setAdministrator',

  async authorize({ tx }, caller, { accountId, isAdministrator, reason }) {
    checkText('reason', reason, LONGEST_REASON);
    requireAdministrator(caller, accountId);
    await lockAdministrators(tx, accountId);
    requireAdministrator(await recheckAccount(tx, caller), accountId);
    const account = await tx.account.findUnique({
      where: { id: accountId, ...(isAdministrator && { disabledAt: null }) },
    });
    return account ?? fail('AccountNotFound', 'No open account has this id.', { path: ['input', 'accountId'] });
  },

  async run({ tx, record, now }, caller, { accountId, isAdministrator, reason }, before) {
    if (before.isAdministrator === isAdministrator) return { accountId };
    if (!isAdministrator && (await isLastAdministrator(tx, accountId))) {
      return fail('LastAdministrator', 'The last open administrator account must stay one.', {
        path: ['input', 'administrator'],
      });
    }
    await tx.account.update({ where: { id: accountId }, data: { isAdministrator } });
    record({
      type: 'ACCOUNT_ADMINISTRATOR_CHANGED',
      at: now(),
      ownerId: accountId,
      actor: actorOf(caller),
      reason,
      data: {
        isAdministrator,
        before: { isAdministrator: before.isAdministrator },
        after: { isAdministrator },
      },
    });
    return { accountId };
  },
});

function requireAdministrator(caller: Caller, accountId: string): void {
  if (may(caller, 'account.setAdministrator', { accountId })) return;
  throw forbidden('Only administrators can decide who is an administrator.');
}
