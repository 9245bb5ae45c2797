import type { Transaction } from '../store/core.ts';

/** How many consumers of a leaked secret are told: those that used it last. */
const MAX_USES = 10;

/** Where a secret was used, the last first. Null: a use without a label. */
export type LastUses = readonly { readonly consumer: string | null; readonly lastUsedAt: Date }[];

/** When some secrets were used last, and by whom: what their owners look at first. Of one that was never used there is nothing. */
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
