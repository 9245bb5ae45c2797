import type { Prisma } from '../../prisma/generated/client/client.ts';
import type { Change } from '../log/change.ts';

const NO_LONGER_MATCHES = {
  state: 'SKIPPED',
  code: 'NO_LONGER_MATCHES',
  message: 'The key no longer matched the filter when the operation started.',
} as const;

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
  operationId: string,
  where: Prisma.KeyWhereInput,
): Promise<MatchedKeys> {
  const skipped = { ...NO_LONGER_MATCHES, changedAt: now() };
  // All are skipped, and those that match wait again. The other way would need NOT, which SQL answers with NULL for a
  // column that has none.
  const waiting = await tx.operationKey.updateMany({ where: { operationId, state: 'WAITING' }, data: skipped });
  const matched = await tx.operationKey.updateMany({
    where: { operationId, ...skipped, key: where },
    data: { state: 'WAITING', code: null, message: null, changedAt: null },
  });
  const count = await tx.key.count({ where });
  return { skipped: waiting.count - matched.count, newlyMatched: Math.max(0, count - matched.count) };
}
