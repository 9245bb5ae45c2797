import { OVERFLOW_CONSUMER } from '../domain/rotation.ts';
import { arrayLiteral } from '../store/array-literal.ts';
import type { Transaction } from '../store/core.ts';
import { mergeBatch, type PendingUse } from '../verifier/pending-use.ts';

/** How many consumers of one secret are recorded separately. */
const CONSUMERS_MAX = 200;

/**
 * Returns a batch of use in which each consumer beyond the limit of its secret is replaced by the overflow consumer, so
 * that a verifier with ever new labels cannot fill the table. The keys must be locked: no other transaction may add
 * consumers in between.
 */
export async function foldConsumers(tx: Transaction, batch: readonly PendingUse[]): Promise<PendingUse[]> {
  const labelled = batch.filter(({ consumer }) => consumer !== '' && consumer !== OVERFLOW_CONSUMER);
  if (labelled.length === 0) return [...batch];
  const added = await tx.$queryRaw<{ secretId: string; consumer: string; knownCount: number }[]>`
    SELECT u."secretId", u.consumer, (
      SELECT count(*)::int FROM "Use" k WHERE k."secretId" = u."secretId" AND k.consumer NOT IN ('', ${OVERFLOW_CONSUMER})
    ) AS "knownCount"
    FROM (SELECT DISTINCT * FROM unnest(${arrayLiteral(labelled.map((use) => use.secretId))}::text[],
                                        ${arrayLiteral(labelled.map((use) => use.consumer))}::text[])
            AS given("secretId", consumer)) u
    WHERE NOT EXISTS (SELECT 1 FROM "Use" k WHERE k."secretId" = u."secretId" AND k.consumer = u.consumer)`;
  // Usually every consumer is known, or there is room for all.
  if (added.every(({ knownCount }) => knownCount + added.length <= CONSUMERS_MAX)) return [...batch];
  const free = new Map(added.map(({ secretId, knownCount }) => [secretId, CONSUMERS_MAX - knownCount]));
  const isAdded = new Set(added.map(consumerKey));
  const admitted = new Set<string>();
  return mergeBatch(
    batch.map((use) => {
      const name = consumerKey(use);
      if (!isAdded.has(name) || admitted.has(name)) return use;
      const left = free.get(use.secretId) ?? 0;
      if (left <= 0) return { ...use, consumer: OVERFLOW_CONSUMER };
      free.set(use.secretId, left - 1);
      admitted.add(name);
      return use;
    }),
  );
}

function consumerKey({ secretId, consumer }: Pick<PendingUse, 'secretId' | 'consumer'>): string {
  return `${secretId} ${consumer}`;
}
