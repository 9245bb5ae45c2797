import type { Caller } from '../domain/caller.ts';
import { actorOf } from '../domain/event.ts';
import { change } from '../log/change.ts';
import type { Core } from '../store/core.ts';

/** Ends the caller's session, at once and on every node. Returns false if the caller has no open session. */
export async function signOut(core: Core, caller: Caller): Promise<boolean> {
  if (caller.kind !== 'ACCOUNT') return false;
  return change(core, async ({ tx, record, now }) => {
    const endedAt = now();
    const { count } = await tx.session.updateMany({
      where: { id: caller.sessionId, endedAt: null },
      data: { endedAt },
    });
    if (count === 0) return false;
    const data = { sessionId: caller.sessionId };
    record({ type: 'ACCOUNT_SIGNED_OUT', at: endedAt, ownerId: caller.id, actor: actorOf(caller), data });
    return true;
  });
}
