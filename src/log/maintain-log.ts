import { DatabaseError, type Client } from 'pg';
import { MINUTE_MS } from '../domain/duration.ts';
import type { Clock } from '../store/clock.ts';
import {
  dropDetachedPartitions,
  listPartitions,
  createPartitionsAhead,
  PARTITION_SIZE,
  removePartition,
} from './partitions.ts';
import { copyToKeyHistory } from './key-history.ts';

/** The advisory lock of the one node that maintains the log. */
const LOCK_KEY = 72_707_370;

/** The lock timeout of a step, and the number of attempts. */
const LOCK_TIMEOUT = '2s';
const ATTEMPTS = 3;

/** PostgreSQL's lock_not_available. */
const LOCK_NOT_AVAILABLE = '55P03';

/**
 * How long a partition stays after its events were copied. A query in a snapshot holds it for at most 20 s: a query
 * that does not see the copy yet still finds the partition.
 */
const DROP_DELAY_MS = 5 * MINUTE_MS;

export interface LogMaintenance {
  readonly clock: Clock;
  /** Opens a dedicated connection. */
  readonly connect: () => Promise<Client>;
  /** Minimum retention of events in ms; null: unlimited. */
  readonly retentionMs: number | null;
  readonly signal: AbortSignal;
  /** Minimum number of positions in a partition. */
  readonly partitionSize?: bigint | undefined;
}

interface Head {
  readonly head: bigint;
  readonly oldest: bigint;
  readonly copiedTo: bigint;
  readonly copiedAt: Date | null;
}

/**
 * Maintains the partitions of the log, on one node at a time; on other nodes it returns at once. It creates partitions
 * ahead of the head and moves the start of the log past expired events. A partition whose events have all expired is
 * dropped after its events of keys were copied to their history. Each step is complete by itself, so the next run
 * continues where an interrupted run stopped.
 */
export async function maintainLog({
  clock,
  connect,
  retentionMs,
  signal,
  partitionSize,
}: LogMaintenance): Promise<void> {
  const client = await connect();
  // A lost connection also fails the query in progress, and that error is thrown.
  client.on('error', () => undefined);
  try {
    const { rows } = await client.query<{ acquired: boolean }>(
      `SELECT pg_try_advisory_lock(${LOCK_KEY}) AS acquired, set_config('lock_timeout', '${LOCK_TIMEOUT}', false)`,
    );
    if (rows[0]?.acquired !== true) return;
    const head = await readHead(client);
    await retryOnLockTimeout(client, () => createPartitionsAhead(client, head, partitionSize ?? PARTITION_SIZE));
    if (retentionMs === null) return;
    await dropCopiedPartitions(client, head, clock.now());
    await advanceOldest(client, head, new Date(clock.now().getTime() - retentionMs));
    await copyExpiredPartitions(client, clock, signal);
  } finally {
    await client.end();
  }
}

/** Drops the partitions whose events of keys were copied long enough ago. */
async function dropCopiedPartitions(client: Client, { copiedTo, copiedAt }: Head, now: Date): Promise<void> {
  if (copiedAt === null || copiedAt.getTime() > now.getTime() - DROP_DELAY_MS) return;
  await retryOnLockTimeout(client, () => dropDetachedPartitions(client, copiedTo));
  for (;;) {
    const hasRemoved = await retryOnLockTimeout(client, async () => {
      const [first] = await listPartitions(client);
      if (first === undefined || first.end > copiedTo) return false;
      await removePartition(client, first);
      return true;
    });
    if (!hasRemoved) return;
  }
}

/** Moves the start of the log to the first event that is not older than the limit; all events before it are older. */
async function advanceOldest(client: Client, { head, oldest }: Head, limit: Date): Promise<void> {
  const { rows } = await client.query<{ position: string }>(
    `SELECT position FROM "Event" WHERE position >= $1 AND "recordedAt" >= $2 ORDER BY position LIMIT 1`,
    [oldest, limit],
  );
  const first = BigInt(rows[0]?.position ?? head + 1n);
  if (first <= oldest) return;
  await retryOnLockTimeout(client, () => client.query(`UPDATE "LogHead" SET oldest = $1 WHERE oldest < $1`, [first]));
}

/**
 * Copies the events of keys from fully expired partitions. Skips while earlier copies still have partitions to drop.
 */
async function copyExpiredPartitions(client: Client, clock: Clock, signal: AbortSignal): Promise<void> {
  const { oldest, copiedTo } = await readHead(client);
  const expired = (await listPartitions(client)).filter(({ end }) => end <= oldest);
  const end = expired.at(-1)?.end;
  if (end === undefined || expired.some((partition) => partition.end <= copiedTo)) return;
  if (!(await copyToKeyHistory(client, copiedTo, end, signal))) return;
  const values = [end, clock.now()];
  await retryOnLockTimeout(client, () => client.query(`UPDATE "LogHead" SET "copiedTo" = $1, "copiedAt" = $2`, values));
}

async function readHead(client: Client): Promise<Head> {
  const { rows } = await client.query<{ position: string; oldest: string; copiedTo: string; copiedAt: Date | null }>(
    `SELECT position, oldest, "copiedTo", "copiedAt" FROM "LogHead"`,
  );
  const [row] = rows;
  if (row === undefined) throw new Error('LogHead has no row');
  const { position, oldest, copiedTo, copiedAt } = row;
  return { head: BigInt(position), oldest: BigInt(oldest), copiedTo: BigInt(copiedTo), copiedAt };
}

/** Repeats a step that exceeded the lock timeout. The timeout limits how long others wait behind the step. */
async function retryOnLockTimeout<Result>(client: Client, step: () => Promise<Result>): Promise<Result> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await step();
    } catch (error) {
      const isTimeout = error instanceof DatabaseError && error.code === LOCK_NOT_AVAILABLE;
      // The step may have opened a transaction.
      if (isTimeout) await client.query('ROLLBACK');
      if (!isTimeout || attempt === ATTEMPTS) throw error;
    }
  }
}
