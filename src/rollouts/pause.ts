import type { Rollout } from '../../prisma/generated/client/client.ts';
import { actorOf } from '../domain/event.ts';
import { fail } from '../domain/failure.ts';
import { isOpenRollout, pauseProgress, resumeProgress, type RolloutProgress } from '../domain/rollout.ts';
import { endBrownouts } from '../keys/end-brownouts.ts';
import { useCase } from '../log/use-case.ts';
import { lockRolloutAndBrownouts, lockRolloutForCaller, rolloutMismatch, type RolloutInput } from './lock-rollout.ts';
import { progressColumns, progressOfRollout, stageEventData, type RolloutChanged } from './stored-rollout.ts';
import { sweepBinding } from './write-stage.ts';

/** Pauses a rollout: no further stage begins, and no brownout refuses. What is in force stays in force. */
export const pauseRollout = useCase<RolloutInput, Rollout, RolloutChanged>()({
  name: 'pauseRollout',
  authorize: lockRolloutAndBrownouts,

  async run(change, caller, { reason = null }, rollout) {
    const { id: rolloutId, realmId, state } = rollout;
    if (state === 'PAUSED') return { rolloutId };
    if (!isOpenRollout(rollout)) return rolloutMismatch(rollout, 'It has ended.');
    const now = change.now();
    const paused = pauseProgress(progressOfRollout(rollout), now);
    await change.tx.rollout.update({ where: { id: rolloutId }, data: progressColumns(paused) });
    await endBrownouts(change, rollout);
    // A review that read the rollout before may still write a warning of its brownouts.
    if (isBrownoutAhead(paused)) await sweepBinding(change, rollout);
    const data = { ...stageEventData(rollout, paused), isOverBudget: false };
    change.record({ type: 'ROLLOUT_PAUSED', at: now, realmId, actor: actorOf(caller), reason, data });
    return { rolloutId };
  },
});

/** Whether the present stage, or a later one, is a BROWNOUT. */
function isBrownoutAhead({ stages, stage }: RolloutProgress): boolean {
  return stages.slice(stage).some(({ kind }) => kind === 'BROWNOUT');
}

/** Returns the failure to resume a rollout before the keys of its undone stage have returned: the next stage would begin beside that. */
function stillReturning() {
  return fail('RolloutGateOpen', 'Keys still return from the stage that was undone.', {
    remedy: 'Query `progress` of the rollout, and resume it when it is complete (isComplete).',
  });
}

/**
 * Lets a paused rollout go on, or an inconclusive one run its stage again. After a pause for its budget, breakages count from now
 * on, and the stage before the undone one runs again.
 */
export const resumeRollout = useCase<RolloutInput, Rollout, RolloutChanged>()({
  name: 'resumeRollout',
  authorize: lockRolloutForCaller,

  async run(change, caller, { reason = null }, rollout) {
    const { id: rolloutId, realmId, state } = rollout;
    if (state === 'RUNNING' || state === 'PROPOSED') return { rolloutId };
    if (!isOpenRollout(rollout)) return rolloutMismatch(rollout, 'It has ended.');
    if (rollout.restoreCursor !== null) return stillReturning();
    const now = change.now();
    const resumed = resumeProgress(progressOfRollout(rollout), now);
    await change.tx.rollout.update({
      where: { id: rolloutId },
      data: { ...progressColumns(resumed), budgetSince: now },
    });
    // The keys get back the brownouts that have not begun, and the warnings of those.
    if (isBrownoutAhead(resumed)) await sweepBinding(change, rollout);
    const data = stageEventData(rollout, resumed);
    change.record({ type: 'ROLLOUT_RESUMED', at: now, realmId, actor: actorOf(caller), reason, data });
    return { rolloutId };
  },
});
