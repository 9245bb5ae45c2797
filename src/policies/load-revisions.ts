import type { Binding } from '../../prisma/generated/client/client.ts';
import type { RolloutStage } from '../domain/rollout-stage.ts';
import type { Transaction } from '../store/core.ts';
import { revisionsOf, type Revision } from './revisions.ts';
import { RolloutMembers } from './rollout-facts.ts';
import type { NextRevision, PreviousRevision } from './stored-revision.ts';

/** Returns the revisions of a binding that are evaluated for any key at a moment, with that of its open rollout. */
export async function loadRevisions(tx: Transaction, binding: Binding, now: Date): Promise<readonly Revision[]> {
  const row = await tx.rollout.findFirst({ where: { bindingId: binding.id, endedAt: null } });
  if (row === null) return revisionsOf(binding, now);
  const stages = row.stages as unknown as readonly RolloutStage[];
  const before = row.before as unknown as PreviousRevision | null;
  const after = row.after as unknown as NextRevision | null;
  return revisionsOf(binding, now, [{ ...row, stages, before, after, members: new RolloutMembers([]) }]);
}
