import type { Prisma } from '../../prisma/generated/client/client.ts';

/** Returns a filter for the keys that have not ended at an instant; held keys included. */
export function liveKeys(now: Date): Prisma.KeyWhereInput {
  // Without NOT: for a key without an expiry the comparison is NULL in SQL, and so is its negation.
  return {
    revokedAt: null,
    expiredAt: null,
    OR: [{ expiresAt: null }, { expiryBasis: null }, { expiryBasis: 'BY_USE' }, { expiresAt: { gt: now } }],
  };
}
