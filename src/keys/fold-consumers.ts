import { OTHERS } from '../domain/rotation.ts';
import type { Transaction } from '../store/core.ts';
import type { GatheredUse } from './write-use.ts';

/** How many consumers of one secret are told apart. */
const CONSUMERS_MAX = 200;

/**
 * The same use, with each consumer that is one too many for its secret counted as one of the others: whoever names ever
 * new ones fills no table. The keys are locked, so that no one else adds any meanwhile.
 */
export async function foldConsumers(tx: Transaction, batch: readonly GatheredUse[]): Promise<GatheredUse[]> {
  const labelled = batch.filter(({ consumer }) => consumer !== '' && consumer !== OTHERS);
  if (labelled.length === 0) return [...batch];
  const added = await tx.$queryRaw<{ secretId: string; consumer: string; knownCount: number }[]>`
    SELECT u."secretId", u.consumer, (
      SELECT count(*)::int FROM "Use" k WHERE k."secretId" = u."secretId" AND k.consumer NOT IN ('', ${OTHERS})
    ) AS "knownCount"
    FROM (SELECT DISTINCT * FROM jsonb_to_recordset(${JSON.stringify(labelled)}::jsonb)
            AS u("secretId" text, consumer text)) u
    WHERE NOT EXISTS (SELECT 1 FROM "Use" k WHERE k."secretId" = u."secretId" AND k.consumer = u.consumer)`;
  const free = new Map(added.map(({ secretId, knownCount }) => [secretId, CONSUMERS_MAX - knownCount]));
  const isAdded = new Set(added.map(nameOf));
  const admitted = new Set<string>();
  return merged(
    batch.map((use) => {
      const name = nameOf(use);
      if (!isAdded.has(name) || admitted.has(name)) return use;
      const left = free.get(use.secretId) ?? 0;
      if (left <= 0) return { ...use, consumer: OTHERS };
      free.set(use.secretId, left - 1);
      admitted.add(name);
      return use;
    }),
  );
}

function nameOf({ secretId, consumer }: Pick<GatheredUse, 'secretId' | 'consumer'>): string {
  return `${secretId} ${consumer}`;
}

/** One entry for each secret and consumer; use and the turning up of what has retired stay apart. */
function merged(batch: readonly GatheredUse[]): GatheredUse[] {
  const entries = new Map<string, GatheredUse>();
  for (const use of batch) {
    const name = `${use.useCount > 0} ${nameOf(use)}`;
    const before = entries.get(name);
    entries.set(name, before === undefined ? use : joined(before, use));
  }
  return [...entries.values()];
}

/** What was seen in either. */
export function joined(a: GatheredUse, b: GatheredUse): GatheredUse {
  return {
    ...a,
    firstAt: a.firstAt < b.firstAt ? a.firstAt : b.firstAt,
    lastAt: a.lastAt < b.lastAt ? b.lastAt : a.lastAt,
    useCount: a.useCount + b.useCount,
  };
}
