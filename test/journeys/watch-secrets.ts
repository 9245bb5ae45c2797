import { DAY_MS } from '../../src/domain/duration.ts';
import type { Gateway } from '../support/gateway.ts';

/** An old secret is good for a grace period, which is extended once. */
const GRACE_MS = (1 + 7) * DAY_MS;
/**
 * What policy asks: a secret is replaced before it is 90 days old. Where a rotation had to be taken back whose secret was used by
 * then, the next one waits for the grace of that.
 */
const AGE_MAX_MS = 90 * DAY_MS + GRACE_MS;
/** After a leak: two days to renew in, both of these graces, and six for stores that are away and runs that are days apart. */
const LEAKED_AGE_MAX_MS = 2 * DAY_MS + 2 * GRACE_MS + 6 * DAY_MS;

/** Looks at the secrets of all keys. */
export interface SecretWatch {
  /** What was against policy at a look. */
  readonly breaches: readonly string[];
  /** How old a secret that was not replaced yet was seen at most, in days. */
  readonly oldestDays: number;
  /** How many secrets have leaked. */
  readonly leakedCount: number;
  /** How many days after the leak one of the leaked secrets was seen good last. */
  readonly daysUntilReplaced: number;
  /** All secrets that are good now have leaked. */
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
