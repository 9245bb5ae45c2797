import { actorOf } from '../domain/event.ts';
import { fail } from '../domain/failure.ts';
import { may } from '../domain/permission.ts';
import { forbidden } from '../domain/request-error.ts';
import { useCase } from '../log/use-case.ts';

export interface EndSessionsInput {
  /** Null: the account of the caller. */
  readonly accountId: string | null;
  /** Null: all sessions of the account but the calling one. */
  readonly sessionIds: readonly string[] | null;
}

type SessionsEnded = { readonly accountId: string; readonly sessionIds: readonly string[] };

/**
 * Ends open sessions of an account, at once and on every node: those of the list, or all but the calling one. Sessions that have
 * ended, or belong to another account, are not counted. For the account itself, and for administrators.
 */
export const endSessionsOfAccount = useCase<EndSessionsInput, { readonly id: string }, SessionsEnded>()({
  name: 'endSessions',

  async authorize({ tx }, caller, { accountId }) {
    if (caller.kind !== 'ACCOUNT') throw forbidden('Only a signed-in account can end sessions.');
    const id = accountId ?? caller.id;
    // Locked as by `beginSession`: a session that begins meanwhile, for a device that one of these sessions confirms, ends too.
    const [account] = may(caller, 'account.endSessions', { accountId: id })
      ? await tx.$queryRaw<{ id: string }[]>`SELECT id FROM "Account" WHERE id = ${id} FOR NO KEY UPDATE`
      : [];
    return (
      account ??
      fail('AccountNotFound', 'No account whose sessions you may end has this id.', { path: ['input', 'accountId'] })
    );
  },

  async run({ tx, record, now }, caller, { sessionIds }, { id: accountId }) {
    const endedAt = now();
    const own = caller.kind === 'ACCOUNT' ? caller.sessionId : '';
    const ended = await tx.session.updateManyAndReturn({
      where: {
        accountId,
        endedAt: null,
        expiresAt: { gt: endedAt },
        id: sessionIds === null ? { not: own } : { in: [...sessionIds] },
      },
      data: { endedAt },
      select: { id: true },
    });
    const ids = ended.map(({ id }) => id).toSorted();
    for (const sessionId of ids) {
      record({
        type: 'ACCOUNT_SIGNED_OUT',
        at: endedAt,
        ownerId: accountId,
        actor: actorOf(caller),
        data: { sessionId },
      });
    }
    return { accountId, sessionIds: ids };
  },
});
