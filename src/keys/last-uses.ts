import type { Transaction } from '../store/core.ts';

/** How many consumers of a secret are returned. */
const MAX_USES = 10;

/** The consumers of a secret, the latest use first. Null: use without a consumer label. */
export type LastUses = readonly { readonly consumer: string | null; readonly lastUsedAt: Date }[];

/**
 * Finds the latest uses of some secrets, by secret: what an owner checks first after a leak. A secret that was never
 * used has no entry.
 */
export async function findLastUses(
  client: Pick<Transaction, '$queryRaw'>,
  secretIds: readonly string[],
): Promise<ReadonlyMap<string, LastUses>> {
  const rows = await client.$queryRaw<{ secretId: string; consumer: string | null; lastUsedAt: Date }[]>`
    SELECT u.* FROM unnest(${[...secretIds]}::text[]) AS s(id), LATERAL (
      SELECT "secretId", nullif(consumer, '') AS consumer, "lastUsedAt" FROM "Use"
      WHERE "secretId" = s.id AND "lastUsedAt" IS NOT NULL
      ORDER BY "lastUsedAt" DESC, consumer LIMIT ${MAX_USES}) AS u`;
  return Map.groupBy(rows, ({ secretId }) => secretId);
}
