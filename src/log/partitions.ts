import type { Client } from 'pg';

/** A partition of the log: the events at positions from `from` up to, and not including, `end`. */
export interface Partition {
  readonly name: string;
  readonly from: bigint;
  readonly end: bigint;
  /** Whether a detach was started and must still be finished. */
  readonly isDetaching: boolean;
}

/** Minimum number of positions in a partition. */
export const PARTITION_SIZE = 1_000_000n;

/** Target number of partitions: each partition adds a little cost to every read. */
const PARTITION_COUNT = 32n;

/** Number of empty partitions ahead of the head. */
const AHEAD_COUNT = 4n;

/** Returns the partitions of the log, in order. */
export async function listPartitions(client: Client): Promise<Partition[]> {
  const { rows } = await client.query<{ name: string; bounds: string; isDetaching: boolean }>(
    `SELECT relname AS name, pg_get_expr(relpartbound, pg_class.oid) AS bounds, inhdetachpending AS "isDetaching"
     FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid WHERE inhparent = '"Event"'::regclass`,
  );
  const partitions = rows.map(({ name, bounds, isDetaching }) => {
    const [, from = '', end = ''] = /FROM \('(\d+)'\) TO \('(\d+)'\)/.exec(bounds) ?? [];
    return { name, from: BigInt(from), end: BigInt(end), isDetaching };
  });
  return partitions.toSorted((a, b) => (a.from < b.from ? -1 : 1));
}

/**
 * Creates the partitions that the log will need next. Each table is created and then attached in one transaction, whose
 * locks block neither reads nor appends; as the table is empty, attaching it scans nothing.
 */
export async function createPartitionsAhead(
  client: Client,
  { head, oldest }: PositionRange,
  minimumSize: bigint,
): Promise<void> {
  const size = partitionSizeFor(head - oldest + 1n, minimumSize);
  let end = (await listPartitions(client)).at(-1)?.end ?? 1n;
  while (end <= head + AHEAD_COUNT * size) {
    const name = `"Event_${end}"`;
    await client.query(
      `BEGIN;
       CREATE TABLE ${name} (LIKE "Event" INCLUDING DEFAULTS INCLUDING INDEXES);
       ALTER TABLE "Event" ATTACH PARTITION ${name} FOR VALUES FROM (${end}) TO (${end + size});
       COMMIT`,
    );
    end += size;
  }
}

interface PositionRange {
  readonly head: bigint;
  readonly oldest: bigint;
}

/**
 * Returns the size that keeps the number of partitions near its target, rounded up to a multiple of the minimum size.
 */
function partitionSizeFor(count: bigint, minimumSize: bigint): bigint {
  const share = (count / PARTITION_COUNT + minimumSize - 1n) / minimumSize;
  return share < 1n ? minimumSize : share * minimumSize;
}

/**
 * Detaches and drops a partition, and continues an earlier attempt that was interrupted. Appends never wait for it; it
 * waits for the current reads of the log.
 */
export async function removePartition(client: Client, { name, isDetaching }: Partition): Promise<void> {
  await client.query(`ALTER TABLE "Event" DETACH PARTITION "${name}" ${isDetaching ? 'FINALIZE' : 'CONCURRENTLY'}`);
  await client.query(`DROP TABLE "${name}"`);
}

/** Drops the partitions before a position that an earlier run detached but could not drop, because its node ended. */
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
