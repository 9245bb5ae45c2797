import type { Prisma } from '../../prisma/generated/client/client.ts';

/** The keys that have not ended at an instant, whether or not they are held. */
export function liveKeys(now: Date): Prisma.KeyWhereInput {
  // Written without NOT: of a key that has no expiry SQL knows neither that it has come nor that it has not.
  return {
    revokedAt: null,
    expiredAt: null,
    OR: [{ expiresAt: null }, { expiryBasis: null }, { expiryBasis: 'BY_USE' }, { expiresAt: { gt: now } }],
  };
}
