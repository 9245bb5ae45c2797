import { Prisma, type Rollout } from '../../prisma/generated/client/client.ts';
import { cohortThreshold } from '../domain/cohort.ts';
import type { Actor } from '../domain/event.ts';
import { stageOf, type RolloutProgress } from '../domain/rollout.ts';
import { isInForceIn } from '../domain/rollout-stage.ts';
import type { Change } from '../log/change.ts';
import { startSweep } from '../policies/start-sweep.ts';
import { placeOwners } from './count-owners.ts';
import { progressColumns, stageEventData } from './stored-rollout.ts';

/** Who let a rollout go on, and why. */
export interface RolloutActor {
  readonly actor: Actor;
  readonly reason: string | null;
}

/**
 * Begins a stage of a locked rollout: draws its cohort, sweeps the realm so that each key is reviewed under the revision that is
 * in force for it, and records ROLLOUT_STAGE_BEGAN. The keys that it reaches get their notice as by any other revision.
 */
export async function writeStage(
  change: Change,
  rollout: Rollout,
  progress: RolloutProgress,
  { actor, reason }: RolloutActor,
): Promise<void> {
  const { tx } = change;
  const now = change.now();
  const threshold = await drawCohort(change, rollout, progress);
  const begun = { threshold, brakeUsed: rollout.brakeUsed };
  const stages = progress.stages.map((stage, index) => (index === progress.stage ? { ...stage, ...begun } : stage));
  const isInForce = isInForceIn(stageOf(progress));
  await tx.rollout.update({
    where: { id: rollout.id },
    data: {
      ...progressColumns({ ...progress, stages }),
      threshold,
      ...(isInForce && rollout.inForceSince === null && { inForceSince: now }),
    },
  });
  if (stageOf(progress).kind !== 'COMMENT') await sweepBinding(change, rollout);
  const { realmId } = rollout;
  const data = stageEventData(rollout, progress);
  change.record({ type: 'ROLLOUT_STAGE_BEGAN', at: now, realmId, actor, reason, data });
}

/** Returns the threshold of the cohort of a stage that begins. It is never lower than that of a stage before. */
async function drawCohort({ tx }: Change, rollout: Rollout, progress: RolloutProgress): Promise<number> {
  const { kind, share } = stageOf(progress);
  if (kind === 'ENFORCED') return 1;
  if (kind !== 'COHORT' || share === null) return 0;
  return cohortThreshold(await placeOwners(tx, rollout), share, rollout.threshold);
}

/** Starts a sweep of the binding's realm: each key is reviewed under the revision that is in force for it now. */
export async function sweepBinding(change: Change, { bindingId, realmId }: Rollout): Promise<number> {
  const sweep = await startSweep(change, realmId);
  await change.tx.binding.update({ where: { id: bindingId }, data: sweep });
  return sweep.sweepTotal;
}

/** Returns a stored revision of a binding as the columns of its row. */
export function revisionColumns(revision: {
  readonly hash: string;
  readonly config: unknown;
  readonly mode: 'ENFORCED' | 'SHADOW' | 'PAUSED';
  readonly selector: unknown;
  readonly noticeMs: number;
}) {
  const { hash, config, mode, selector, noticeMs } = revision;
  return {
    hash,
    mode,
    noticeMs,
    config: config as Prisma.InputJsonValue,
    selector: selector === null ? Prisma.DbNull : (selector as Prisma.InputJsonValue),
  };
}
