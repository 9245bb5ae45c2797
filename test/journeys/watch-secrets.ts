import { DAY_MS } from '../../src/domain/duration.ts';
import type { Gateway } from '../support/gateway.ts';

/** The grace period of an old secret, extended once. */
const GRACE_MS = (1 + 7) * DAY_MS;
/**
 * The highest age of a secret that policy allows: 90 days. After a rolled-back rotation whose new secret was used, the
 * next rotation waits for that secret's grace period.
 */
const AGE_MAX_MS = 90 * DAY_MS + GRACE_MS;
/**
 * The longest time until a leaked secret ends: two days to renew, two grace periods, and six days for outages of stores
 * and gaps between runs.
 */
const LEAKED_AGE_MAX_MS = 2 * DAY_MS + 2 * GRACE_MS + 6 * DAY_MS;

/** Inspects the secrets of all keys. */
export interface SecretWatch {
  /** The violations found by inspections. */
  readonly breaches: readonly string[];
  /** The highest age of a current secret at an inspection, in days. */
  readonly oldestDays: number;
  /** The number of leaked secrets. */
  readonly leakedCount: number;
  /** Days from the leak to the last inspection that found a leaked secret still valid. */
  readonly daysUntilReplaced: number;
  /** Marks all currently valid secrets as leaked. */
  leak(): Promise<void>;
  inspect(): Promise<void>;
}

export function watchSecrets({ clock, prisma }: Gateway): SecretWatch {
  const breaches: string[] = [];
  let [leakedAt, leakedCount, lastLeakedMs, oldestMs]: [Date | null, number, number, number] = [null, 0, 0, 0];
  const goodSecrets = () =>
    prisma.secret.findMany({
      where: { OR: [{ retiresAt: null }, { retiresAt: { gt: clock.now() } }] },
      orderBy: [{ keyId: 'asc' }, { generation: 'asc' }],
    });
  return {
    breaches,
    get oldestDays() {
      return oldestMs / DAY_MS;
    },
    get leakedCount() {
      return leakedCount;
    },
    get daysUntilReplaced() {
      return lastLeakedMs / DAY_MS;
    },
    async leak() {
      leakedAt = clock.now();
      leakedCount = (await goodSecrets()).length;
    },
    async inspect() {
      const now = clock.now();
      const goodCounts = new Map<string, number>();
      for (const { keyId, generation, createdAt, retiresAt } of await goodSecrets()) {
        const breach = (found: string) =>
          breaches.push(`${now.toISOString()} ${keyId}, generation ${String(generation)}: ${found}`);
        const ageMs = now.getTime() - createdAt.getTime();
        if (retiresAt === null) oldestMs = Math.max(oldestMs, ageMs);
        if (ageMs > AGE_MAX_MS + (retiresAt === null ? 0 : GRACE_MS)) breach(`${String(ageMs / DAY_MS)} days old`);
        const goodCount = (goodCounts.get(keyId) ?? 0) + 1;
        goodCounts.set(keyId, goodCount);
        if (goodCount > 2) breach('a third one that is good');
        if (leakedAt === null || createdAt >= leakedAt) continue;
        lastLeakedMs = now.getTime() - leakedAt.getTime();
        if (lastLeakedMs > LEAKED_AGE_MAX_MS) breach(`has leaked ${String(lastLeakedMs / DAY_MS)} days ago`);
      }
    },
  };
}
