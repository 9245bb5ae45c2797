import type { Client } from 'pg';

/** A part of the log: the events at positions from `from` on, up to before `beyond`. */
export interface Partition {
  readonly name: string;
  readonly from: bigint;
  readonly end: bigint;
  /** Whether a removal that was begun has still to be finished. */
  readonly isDetaching: boolean;
}

/** How many positions a partition has at least. */
export const PARTITION_SIZE = 1_000_000n;

/** About how many partitions the log is to have: each one costs every reading a little. */
const PARTITION_COUNT = 32n;

/** How many empty partitions there are ahead of the head. */
const AHEAD_COUNT = 4n;

/** The partitions of the log, in order. */
export async function listPartitions(client: Client): Promise<Partition[]> {
  const { rows } = await client.query<{ name: string; bounds: string; isDetaching: boolean }>(
    `SELECT relname AS name, pg_get_expr(relpartbound, pg_class.oid) AS bounds, inhdetachpending AS "isDetaching"
     FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid WHERE inhparent = '"Event"'::regclass`,
  );
  const partitions = rows.map(({ name, bounds, isDetaching }) => {
    const [, from = '', end = ''] = /FROM \('(\d+)'\) TO \('(\d+)'\)/.exec(bounds) ?? [];
    return { name, from: BigInt(from), end: BigInt(end), isDetaching };
  });
  return partitions.toSorted((one, other) => (one.from < other.from ? -1 : 1));
}

/**
 * Makes the partitions that the log will soon need. Each is made apart and then attached, in one transaction whose locks
 * let all read and append; being empty, it needs no look at its rows.
 */
export async function createPartitionsAhead(
  client: Client,
  { head, oldest }: PositionRange,
  least: bigint,
): Promise<void> {
  const size = sizeFor(head - oldest + 1n, least);
  let beyond = (await listPartitions(client)).at(-1)?.end ?? 1n;
  while (beyond <= head + AHEAD_COUNT * size) {
    const name = `"Event_${beyond}"`;
    await client.query(
      `BEGIN;
       CREATE TABLE ${name} (LIKE "Event" INCLUDING DEFAULTS INCLUDING INDEXES);
       ALTER TABLE "Event" ATTACH PARTITION ${name} FOR VALUES FROM (${beyond}) TO (${beyond + size});
       COMMIT`,
    );
    beyond += size;
  }
}

interface PositionRange {
  readonly head: bigint;
  readonly oldest: bigint;
}

/** As many as keep the number of partitions in bounds, rounded up to whole smallest ones. */
function sizeFor(keptCount: bigint, least: bigint): bigint {
  const share = (keptCount / PARTITION_COUNT + least - 1n) / least;
  return share < 1n ? least : share * least;
}

/**
 * Removes a partition, wherever an earlier try has stopped. Who appends never waits for it; it waits for those who are
 * just reading the log.
 */
export async function removePartition(client: Client, { name, isDetaching }: Partition): Promise<void> {
  await client.query(`ALTER TABLE "Event" DETACH PARTITION "${name}" ${isDetaching ? 'FINALIZE' : 'CONCURRENTLY'}`);
  await client.query(`DROP TABLE "${name}"`);
}

/** Drops what was detached before a position and not dropped, because the node ended in between. */
export async function dropDetachedPartitions(client: Client, before: bigint): Promise<void> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT relname AS name FROM pg_class
     WHERE relnamespace = (SELECT relnamespace FROM pg_class WHERE oid = '"Event"'::regclass)
       AND relkind = 'r' AND NOT relispartition AND relname ~ '^Event_[0-9]+$'
       AND substr(relname, 7)::bigint < $1`,
    [before],
  );
  for (const { name } of rows) await client.query(`DROP TABLE "${name}"`);
}
