import { badUserInput, unavailable } from '../domain/request-error.ts';
import type { RolloutBudget } from '../domain/rollout.ts';
import { everyNodeReads, ROLLOUTS } from '../policies/heartbeat.ts';
import type { Transaction } from '../store/core.ts';

const OWNERS_MAX = 1_000_000;

/** Throws BAD_USER_INPUT unless a budget is a number of owners and a share. */
export function checkRolloutBudget({ owners, share }: RolloutBudget): void {
  if (owners < 0 || owners > OWNERS_MAX) {
    throw badUserInput(`budget.owners: found ${owners}; expected 0 to ${OWNERS_MAX}.`, ['input', 'budget', 'owners']);
  }
  if (share === null || (share >= 0 && share <= 1)) return;
  throw badUserInput(`budget.share: found ${share}; expected 0 to 1.`, ['input', 'budget', 'share']);
}

/**
 * Throws UNAVAILABLE while a node of a release before rollouts is seen: it would review keys without the new revision, and move
 * their stops to and fro.
 */
export async function refuseOtherReleases(tx: Transaction, now: Date): Promise<void> {
  if (await isReadByAll(tx, now)) return;
  throw unavailable('A node of an earlier release is running, which knows no rollouts. Try again after the upgrade.');
}

/** Whether every node that is seen knows rollouts. */
export async function isReadByAll(tx: Pick<Transaction, '$queryRaw'>, now: Date): Promise<boolean> {
  const [row] = await tx.$queryRaw<[{ isRead: boolean }]>`SELECT ${everyNodeReads(ROLLOUTS, now)} AS "isRead"`;
  return row.isRead;
}
