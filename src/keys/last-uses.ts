import type { Transaction } from '../store/core.ts';

/** How many consumers of a leaked secret its event names: those that used it last. */
const USES_TOLD = 10;

/** Where a secret was used, the last first. Null: a use without a label. */
export type LastUses = readonly { readonly consumer: string | null; readonly lastUsedAt: string }[];

/** When some secrets were used last, and by whom: what their owners look at first. Of one that was never used there is nothing. */
export async function lastUses(tx: Transaction, secretIds: readonly string[]): Promise<ReadonlyMap<string, LastUses>> {
  const rows = await tx.$queryRaw<{ secretId: string; consumer: string; lastUsedAt: Date }[]>`
    SELECT u.* FROM unnest(${[...secretIds]}::text[]) AS s(id), LATERAL (
      SELECT "secretId", consumer, "lastUsedAt" FROM "Use" WHERE "secretId" = s.id AND "lastUsedAt" IS NOT NULL
      ORDER BY "lastUsedAt" DESC, consumer LIMIT ${USES_TOLD}) AS u`;
  const uses = Map.groupBy(rows, ({ secretId }) => secretId);
  return new Map(
    [...uses].map(([secretId, of]) => [
      secretId,
      of.map(({ consumer, lastUsedAt }) => ({ consumer: consumer || null, lastUsedAt: lastUsedAt.toISOString() })),
    ]),
  );
}
