import type { Rollout } from '../../prisma/generated/client/client.ts';
import { needsApproval } from '../domain/approval.ts';
import { DAY_MS } from '../domain/duration.ts';
import { addMs } from '../domain/key.ts';
import { OBJECTION_DAYS, openGates, stageOf, type GateFacts } from '../domain/rollout.ts';
import { isInForceIn } from '../domain/rollout-stage.ts';
import { hasEvidence } from './count-owners.ts';
import { isBudgetUsedUp } from './budget.ts';
import type { Transaction } from '../store/core.ts';
import { previewedCount, progressOfRollout, type RolloutCore, type RolloutReader } from './stored-rollout.ts';

/**
 * Reads what the gates of an open rollout depend on. Evidence is looked for only once no other gate is open but that of the second
 * person, who must not pass it unseen.
 */
export async function readGateFacts(
  { approvalKeys, policies }: Pick<RolloutCore, 'approvalKeys' | 'policies'>,
  tx: Transaction,
  rollout: Rollout,
  now: Date,
): Promise<GateFacts> {
  const progress = progressOfRollout(rollout);
  const facts = {
    openObjections: await countOpenObjections(tx, rollout.id, now),
    isOverBudget: await isBudgetUsedUp(policies, tx, rollout, now),
    hasEvidence: true,
    needsSecondPerson: rollout.approvedById === null && needsApproval(previewedCount(rollout), 0, approvalKeys),
  };
  const others = openGates(progress, { ...facts, needsSecondPerson: false }, now);
  if (others.length > 0 || !isInForceIn(stageOf(progress))) return facts;
  return { ...facts, hasEvidence: await hasEvidence(tx, rollout) };
}

/** Counts the objections that hold the present stage (rule 46): without a reply, not withdrawn, and younger than 14 days. */
export async function countOpenObjections(tx: RolloutReader, rolloutId: string, now: Date): Promise<number> {
  return tx.rolloutAnswer.count({
    where: {
      rolloutId,
      kind: 'OBJECT',
      withdrawnAt: null,
      repliedAt: null,
      createdAt: { gt: addMs(now, -OBJECTION_DAYS * DAY_MS) },
    },
  });
}
