import type { Rollout } from '../../prisma/generated/client/client.ts';
import type { Caller } from '../domain/caller.ts';
import { actorOf } from '../domain/event.ts';
import { isOpenRollout, undoProgress } from '../domain/rollout.ts';
import { dropBrakes } from '../brakes/end-brake.ts';
import { endBrownouts } from '../keys/end-brownouts.ts';
import { useCase } from '../log/use-case.ts';
import { lockRolloutAndBrownouts, rolloutMismatch, type RolloutInput } from './lock-rollout.ts';
import { progressColumns, progressOfRollout, stageEventData, type RolloutChanged } from './stored-rollout.ts';
import { sweepBinding } from './write-stage.ts';

/**
 * Undoes a rollout: the revision before is in force again, at once and for all keys, which are reviewed again. Then keys
 * that ended under the rollout alone return, in the name of the caller. What persons and other bindings did since stays.
 */
export const undoRollout = useCase<RolloutInput, Rollout, RolloutChanged>()({
  name: 'undoRollout',
  authorize: lockRolloutAndBrownouts,

  async run(change, caller, { reason = null }, rollout) {
    const { id: rolloutId, realmId, bindingId, revision, state } = rollout;
    if (state === 'UNDONE') return { rolloutId };
    if (!isOpenRollout(rollout)) {
      return rolloutMismatch(rollout, 'The binding has its revision: change the binding, with a preview.');
    }
    const { tx } = change;
    const now = change.now();
    const progress = progressOfRollout(rollout);
    const undone = undoProgress(progress);
    await tx.rollout.update({
      where: { id: rolloutId },
      data: { ...progressColumns(undone), threshold: 0, endedAt: now, restoreCursor: '', ...restorerOf(caller) },
    });
    await dropBrakes(tx, bindingId, now, revision);
    await endBrownouts(change, rollout);
    await sweepBinding(change, rollout);
    if (rollout.change === 'BIND') {
      await tx.binding.update({ where: { id: bindingId }, data: { unboundAt: now, changedAt: now } });
    }
    const data = stageEventData(rollout, progress);
    change.record({ type: 'ROLLOUT_UNDONE', at: now, realmId, actor: actorOf(caller), reason, data });
    return { rolloutId };
  },
});

function restorerOf(caller: Caller) {
  return caller.kind === 'ACCOUNT' ? { restoredById: caller.id, restoredByName: caller.name } : {};
}
