import type { Prisma, Rollout } from '../../prisma/generated/client/client.ts';
import { stageOf, type RolloutProgress, type RolloutReach } from '../domain/rollout.ts';
import type { RolloutStage } from '../domain/rollout-stage.ts';
import type { BindingCore } from '../bindings/bind.ts';
import type { Transaction } from '../store/core.ts';
import type { NextRevision } from '../policies/stored-revision.ts';
import type { PreviousRevision } from '../policies/stored-revision.ts';

/** The core of changes of rollouts. */
export type RolloutCore = BindingCore & {
  /** ENFORCED needs a second person if the change brings forward more stops than this. Null: never. */
  readonly approvalKeys: number | null;
};

/** What reads of rollouts need of a client. */
export type RolloutReader = Pick<Transaction, Exclude<keyof Transaction, `$${string}`> | '$queryRaw'>;

export type RolloutChanged = { readonly rolloutId: string };

/** Returns the stages of a rollout. */
export function stagesOf({ stages }: Pick<Rollout, 'stages'>): readonly RolloutStage[] {
  return stages as unknown as readonly RolloutStage[];
}

/** Returns how far a stored rollout has come. */
export function progressOfRollout(row: Rollout): RolloutProgress {
  const { state, stage, stageSince, pausedAt, isOverBudget } = row;
  const noticeMs = revisionAfter(row)?.noticeMs ?? 0;
  return { state, stages: stagesOf(row), stage, stageSince, pausedAt, isOverBudget, noticeMs };
}

/** Returns what decides for which keys the new revision of a stored rollout is in force. */
export function reachOfRollout(row: Rollout): RolloutReach {
  const { state, stage, threshold, salt } = row;
  return { state, stages: stagesOf(row), stage, threshold, salt };
}

/** Returns the columns of a rollout that has come so far. */
export function progressColumns({ stages, state, stage, stageSince, pausedAt, isOverBudget }: RolloutProgress) {
  return { state, stage, stageSince, pausedAt, isOverBudget, stages: stages as unknown as Prisma.InputJsonValue };
}

/** Returns the revision that a rollout brings; null: it removes the binding. */
export function revisionAfter({ after }: Pick<Rollout, 'after'>): NextRevision | null {
  return after as unknown as NextRevision | null;
}

/** Returns the revision that a rollout replaces; null: it makes a binding. */
export function revisionBefore({ before }: Pick<Rollout, 'before'>): PreviousRevision | null {
  return before as unknown as PreviousRevision | null;
}

/** Returns the number of stops that the confirmed preview of a rollout brings forward. Its brake budget is 1 % more. */
export function previewedCount({ brakeBudget }: Pick<Rollout, 'brakeBudget'>): number {
  return Math.floor(brakeBudget / 1.01);
}

/** Returns what all events of a rollout name. */
export function rolloutEventData({ id: rolloutId, bindingId, title }: Pick<Rollout, 'id' | 'bindingId' | 'title'>) {
  return { rolloutId, bindingId, title };
}

/** Returns what the events of a stage name. */
export function stageEventData(row: Pick<Rollout, 'id' | 'bindingId' | 'title'>, progress: RolloutProgress) {
  return { ...rolloutEventData(row), stage: progress.stage + 1, stageKind: stageOf(progress).kind };
}
