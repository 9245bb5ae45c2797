import { Prisma, type Rollout } from '../../prisma/generated/client/client.ts';
import { bindingChanges, bindingSettings } from '../policies/binding-changes.ts';
import { dropBrakes } from '../brakes/end-brake.ts';
import type { RolloutProgress } from '../domain/rollout.ts';
import type { Change } from '../log/change.ts';
import { progressColumns, revisionAfter, rolloutEventData } from './stored-rollout.ts';
import { revisionColumns, type RolloutActor } from './write-stage.ts';

/**
 * Ends a locked rollout whose last stage is over: the binding gets the revision, which was in force for all keys already, so
 * that no stop moves. Exceptions go on to their end.
 */
export async function finishRollout(
  change: Change,
  rollout: Rollout,
  progress: RolloutProgress,
  { actor, reason }: RolloutActor,
): Promise<void> {
  const { tx, record } = change;
  const { id, realmId, bindingId, revision, change: kind } = rollout;
  const now = change.now();
  const after = revisionAfter(rollout);
  const binding = await tx.binding.findUniqueOrThrow({ where: { id: bindingId } });
  await tx.rollout.update({ where: { id }, data: { ...progressColumns(progress), endedAt: now } });
  // Stops that wait behind a brake of the revision before have no cause any more.
  await dropBrakes(tx, bindingId, now, { not: revision });
  const about = { at: now, realmId, actor, reason };
  if (after === null) {
    await tx.binding.update({ where: { id: bindingId }, data: { unboundAt: now, changedAt: now, revision } });
    const { policy, hash } = binding;
    const data = { bindingId, policy, hash, revision: binding.revision, wasInForce: true, revisionInForce: null };
    record({ ...about, type: 'POLICY_UNBOUND', data });
  } else {
    const { brakeBudget: budget, brakeUsed: budgetUsed } = rollout;
    await tx.binding.update({
      where: { id: bindingId },
      data: {
        ...revisionColumns(after),
        title: after.title,
        revision,
        before: Prisma.DbNull,
        effectiveAt: now,
        changedAt: now,
        budget,
        budgetUsed,
      },
    });
    const data = {
      bindingId,
      policy: after.policy,
      hash: after.hash,
      revision,
      mode: after.mode,
      effectiveAt: now.toISOString(),
      keyCount: await tx.key.count({ where: { realmId, revokedAt: null, expiredAt: null } }),
    };
    if (kind === 'BIND') record({ ...about, type: 'POLICY_BOUND', data });
    else
      record({
        ...about,
        type: 'POLICY_CHANGED',
        data: { ...data, ...bindingChanges(bindingSettings(binding), after) },
      });
  }
  const ended = { ...rolloutEventData(rollout), bindingRevision: revision, restoredCount: rollout.restoredCount };
  record({ ...about, type: 'ROLLOUT_ENDED', data: ended });
}
