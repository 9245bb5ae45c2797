import type { Breakage } from '../../prisma/generated/client/client.ts';
import type { Transaction } from '../store/core.ts';
import type { UsagePeriod } from './read-usage.ts';

/** How many breakages of a key are returned: the latest. */
const BREAKAGES_MAX = 1_000;

/**
 * Reads which consumers some keys broke in a period, by key, the newest first: at most 1,000 of a key, in one statement. A key that
 * broke none has no entry.
 */
export async function readKeyBreakages(
  client: Pick<Transaction, '$queryRaw'>,
  keyIds: readonly string[],
  { from, to }: UsagePeriod,
): Promise<ReadonlyMap<string, readonly Breakage[]>> {
  const rows = await client.$queryRaw<Breakage[]>`
    SELECT latest.* FROM unnest(${[...keyIds]}::text[]) AS k(id), LATERAL (
      SELECT b.* FROM "Breakage" b WHERE b."keyId" = k.id AND b.day BETWEEN ${from}::int AND ${to}::int
      ORDER BY b.at DESC, b.id DESC LIMIT ${BREAKAGES_MAX}
    ) AS latest ORDER BY latest."keyId", latest.at DESC, latest.id DESC`;
  return Map.groupBy(rows, ({ keyId }) => keyId);
}
