import type { Caller } from '../domain/caller.ts';
import { checkText } from '../domain/check-text.ts';
import { actorOf } from '../domain/event.ts';
import { pickChanged } from '../domain/pick-changed.ts';
import { forbidden } from '../domain/request-error.ts';
import { change } from '../log/change.ts';
import { useCase } from '../log/use-case.ts';
import type { Core } from '../store/core.ts';
import { recheckAccount } from './account-caller.ts';

export interface UpdateAccountInput {
  /** The name, for people; null: unchanged. */
  readonly name?: string | null;
  /** Whether notices are sent to its email; null: unchanged. */
  readonly noticesByMail: boolean | null;
}

/** Updates the caller's account. Without a difference it records nothing. */
export const updateAccount = useCase<UpdateAccountInput, { readonly id: string }, { readonly accountId: string }>()({
  name: 'updateAccount',

  async authorize({ tx }, caller: Caller, { name }) {
    if (name != null) checkText('name', name, 100);
    if (caller.kind !== 'ACCOUNT') throw forbidden('Only a signed-in account can update itself.');
    await tx.$queryRaw`SELECT 1 FROM "Account" WHERE id = ${caller.id} FOR NO KEY UPDATE`;
    await recheckAccount(tx, caller);
    return { id: caller.id };
  },

  async run({ tx, record, now }, caller, input, { id }) {
    const account = await tx.account.findUniqueOrThrow({ where: { id } });
    const fields = ['name', 'noticesByMail'] as const;
    const changed = fields.filter((field) => input[field] != null && input[field] !== account[field]);
    if (changed.length === 0) return { accountId: id };
    const { name, noticesByMail } = account;
    const before = { name, noticesByMail };
    const values = pickChanged(changed, before, {
      name: input.name ?? name,
      noticesByMail: input.noticesByMail ?? noticesByMail,
    });
    const updated = await tx.account.update({ where: { id }, data: values.after });
    record({
      type: 'ACCOUNT_UPDATED',
      at: now(),
      ownerId: id,
      actor: actorOf(caller),
      data: { noticesByMail: updated.noticesByMail, ...values },
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
