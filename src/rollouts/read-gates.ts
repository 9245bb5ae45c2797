import type { Rollout } from '../../prisma/generated/client/client.ts';
import { needsApproval } from '../domain/approval.ts';
import { DAY_MS } from '../domain/duration.ts';
import { addMs } from '../domain/key.ts';
import { OBJECTION_DAYS, openGates, stageOf, type GateFacts, type RolloutGate } from '../domain/rollout.ts';
import { isInForceIn, reachedShare } from '../domain/rollout-stage.ts';
import { isBudgetUsedUp } from './budget.ts';
import { findEvidence } from './find-evidence.ts';
import type { Transaction } from '../store/core.ts';
import { previewedCount, progressOfRollout, stagesOf, type RolloutCore, type RolloutReader } from './stored-rollout.ts';

/** What decides whether a stage needs a second person. */
type ApprovalCore = Pick<RolloutCore, 'approvalKeys'>;

/** Reads what the gates of an open rollout depend on, before it does something. */
export async function readGateFacts(
  core: Pick<RolloutCore, 'approvalKeys' | 'policies'>,
  tx: Transaction,
  rollout: Rollout,
  now: Date,
): Promise<GateFacts> {
  const isOverBudget = await isBudgetUsedUp(core.policies, tx, rollout, now);
  const facts = (await readFacts(core, tx, [{ ...rollout, isOverBudget }], now)).get(rollout.id);
  if (facts === undefined) throw new Error(`no facts of the rollout ${rollout.id}`);
  return facts;
}

/**
 * Returns the open gates of some rollouts, as they are shown, in as many statements for many as for one; none of one that has ended.
 * Whether a budget is used up is what the rollout itself has found, which looks every 10 seconds.
 */
export async function readOpenGates(
  core: ApprovalCore,
  db: RolloutReader,
  ids: readonly string[],
  now: Date,
): Promise<ReadonlyMap<string, readonly RolloutGate[]>> {
  const open = await db.rollout.findMany({ where: { id: { in: [...ids] }, endedAt: null } });
  const facts = await readFacts(core, db, open, now);
  return new Map(
    open.flatMap((rollout) => {
      const own = facts.get(rollout.id);
      return own === undefined ? [] : [[rollout.id, openGates(progressOfRollout(rollout), own, now)]];
    }),
  );
}

/**
 * Reads the facts of rollouts, given whether they are over their budget (`isOverBudget`). Evidence is looked for only once no other gate is
 * open but that of the second person, who must not pass it unseen.
 */
async function readFacts(
  { approvalKeys }: ApprovalCore,
  tx: RolloutReader,
  rollouts: readonly Rollout[],
  now: Date,
): Promise<ReadonlyMap<string, GateFacts>> {
  const ids = rollouts.map(({ id }) => id);
  const objections = ids.length === 0 ? new Map<string, number>() : await countOpenObjections(tx, ids, now);
  const withoutEvidence = rollouts.map((rollout) => {
    const facts: GateFacts = {
      openObjections: objections.get(rollout.id) ?? 0,
      isOverBudget: rollout.isOverBudget,
      hasEvidence: true,
      needsSecondPerson: needsApproval(countStopsOfNextStage(rollout), 0, approvalKeys),
    };
    return { rollout, facts };
  });
  const asked = withoutEvidence.flatMap(({ rollout, facts }) => {
    const progress = progressOfRollout(rollout);
    const others = openGates(progress, { ...facts, needsSecondPerson: false }, now);
    return others.length > 0 || !isInForceIn(stageOf(progress)) ? [] : [rollout];
  });
  const known = await findEvidence(tx, asked, now);
  return new Map(
    withoutEvidence.map(({ rollout, facts }) => {
      const hasEvidence = !asked.includes(rollout) || known.has(rollout.id);
      return [rollout.id, { ...facts, hasEvidence }];
    }),
  );
}

/**
 * Returns how many of the previewed stops come earlier when the next stage begins, at most. An approval is the act that begins the stage:
 * a stage that was undone by a halt needs another one.
 */
function countStopsOfNextStage(rollout: Rollout): number {
  const next = stagesOf(rollout)[rollout.stage + 1];
  return next === undefined ? 0 : Math.ceil(previewedCount(rollout) * reachedShare(next));
}

/**
 * Counts the objections that hold the present stages of some rollouts (rule 46), by rollout: without a reply, not withdrawn, and younger
 * than 14 days.
 */
export async function countOpenObjections(
  tx: RolloutReader,
  rolloutIds: readonly string[],
  now: Date,
): Promise<ReadonlyMap<string, number>> {
  const rows = await tx.rolloutAnswer.groupBy({
    by: ['rolloutId'],
    where: {
      rolloutId: { in: [...rolloutIds] },
      kind: 'OBJECT',
      withdrawnAt: null,
      repliedAt: null,
      createdAt: { gt: addMs(now, -OBJECTION_DAYS * DAY_MS) },
    },
    _count: true,
  });
  return new Map(rows.map(({ rolloutId, _count }) => [rolloutId, _count]));
}
