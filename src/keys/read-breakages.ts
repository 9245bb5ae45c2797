import type { Breakage } from '../../prisma/generated/client/client.ts';
import type { Transaction } from '../store/core.ts';
import type { UsagePeriod } from './read-usage.ts';

/** How many breakages of a key are returned: the latest. */
const BREAKAGES_MAX = 1_000;

/** Reads which consumers some keys broke in a period, by key, the newest first. A key that broke none has no entry. */
export async function readKeyBreakages(
  client: Pick<Transaction, 'breakage'>,
  keyIds: readonly string[],
  { from, to }: UsagePeriod,
): Promise<ReadonlyMap<string, readonly Breakage[]>> {
  const rows = await client.breakage.findMany({
    where: { keyId: { in: [...keyIds] }, day: { gte: from, lte: to } },
    orderBy: [{ at: 'desc' }, { id: 'desc' }],
  });
  const byKey = Map.groupBy(rows, ({ keyId }) => keyId);
  return new Map([...byKey].map(([keyId, ofKey]) => [keyId, ofKey.slice(0, BREAKAGES_MAX)]));
}
