import type { Operation, Prisma } from '../../prisma/generated/client/client.ts';
import type { Change } from '../log/change.ts';

/** What an operation finds when it starts. */
export interface MatchedKeys {
  /** How many of its keys no longer match: they are skipped. */
  readonly skipped: number;
  /** How many keys match that the dry run had not found. They are left as they are. */
  readonly newlyMatched: number;
}

/**
 * Compares the keys that wait in an operation with those that match its filter now, as it starts. No id leaves the
 * database: a realm may have a million keys that match.
 */
export async function matchPinnedKeys(
  { tx, now }: Change,
  { id: operationId, total, skipped: skippedBefore }: Operation,
  where: Prisma.KeyWhereInput,
): Promise<MatchedKeys> {
  const { count: skipped } = await tx.operationKey.updateMany({
    // Prisma makes NOT EXISTS of it, so that a condition that is NULL for a key counts as not met.
    where: { operationId, state: 'WAITING', NOT: { key: where } },
    data: {
      state: 'SKIPPED',
      code: 'NO_LONGER_MATCHES',
      message: 'The key no longer matched the filter when the operation started.',
      changedAt: now(),
    },
  });
  const waiting = total - skippedBefore - skipped;
  return { skipped, newlyMatched: Math.max(0, (await tx.key.count({ where })) - waiting) };
}
