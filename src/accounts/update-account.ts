import type { Caller } from '../domain/caller.ts';
import { actorOf } from '../domain/event.ts';
import { forbidden } from '../domain/request-error.ts';
import { change } from '../log/change.ts';
import { useCase } from '../log/use-case.ts';
import type { Core } from '../store/core.ts';

export interface UpdateAccountInput {
  /** Whether notices are sent to its email; null: unchanged. */
  readonly noticesByMail: boolean | null;
}

/** Updates the caller's account. Without a difference it records nothing. */
export const updateAccount = useCase<UpdateAccountInput, { readonly id: string }, { readonly accountId: string }>()({
  name: 'updateAccount',

  async authorize({ tx }, caller: Caller) {
    if (caller.kind !== 'ACCOUNT') throw forbidden('Only a signed-in account can update itself.');
    await tx.$queryRaw`SELECT 1 FROM "Account" WHERE id = ${caller.id} FOR NO KEY UPDATE`;
    return { id: caller.id };
  },

  async run({ tx, record, now }, caller, { noticesByMail }, { id }) {
    const account = await tx.account.findUniqueOrThrow({ where: { id } });
    if (noticesByMail === null || account.noticesByMail === noticesByMail) return { accountId: id };
    await tx.account.update({ where: { id }, data: { noticesByMail } });
    record({
      type: 'ACCOUNT_UPDATED',
      at: now(),
      ownerId: id,
      actor: actorOf(caller),
      data: noticesData(noticesByMail),
    });
    return { accountId: id };
  },
});

/** Turns off notices by mail for an account, at the request of the reader of its mail. Idempotent. */
export function endNoticeMails(core: Core, accountId: string): Promise<void> {
  return change(core, async ({ tx, record, now }) => {
    const [account] = await tx.account.updateManyAndReturn({
      where: { id: accountId, noticesByMail: true },
      data: { noticesByMail: false },
    });
    if (account === undefined) return;
    const actor = { kind: 'ACCOUNT', id: accountId, name: account.name } as const;
    const data = noticesData(false);
    record({ type: 'ACCOUNT_UPDATED', at: now(), ownerId: accountId, actor, reason: 'By the link in a mail.', data });
  });
}

/** Returns the data of an event that turns notices by mail on or off. */
function noticesData(noticesByMail: boolean) {
  return { noticesByMail, before: { noticesByMail: !noticesByMail }, after: { noticesByMail } };
}
