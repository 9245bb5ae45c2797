import { DatabaseError, type Client } from 'pg';
import { MINUTE_MS } from '../domain/duration.ts';
import type { Clock } from '../store/clock.ts';
import { copyToKeyHistory } from './copy-to-key-history.ts';
import {
  dropDetachedPartitions,
  listPartitions,
  createPartitionsAhead,
  PARTITION_SIZE,
  removePartition,
} from './partitions.ts';

/** The advisory lock of the one node that tends the log. */
const LOCK_KEY = 72_707_370;

/** How long a step waits for others' locks, and how often it is tried. */
const LOCK_LIMIT = '2s';
const TRIES = 3;

/** PostgreSQL's lock_not_available. */
const LOCK_NOT_AVAILABLE = '55P03';

/**
 * How long after its events were copied a partition goes. A query that reads in a snapshot holds that for 20 s at most:
 * one that does not see the copy yet still finds the partition.
 */
const DROP_DELAY_MS = 5 * MINUTE_MS;

export interface LogMaintenance {
  readonly clock: Clock;
  /** A connection of its own. */
  readonly connect: () => Promise<Client>;
  /** For how long events are kept at least; null: for ever. */
  readonly retentionMs: number | null;
  readonly signal: AbortSignal;
  /** How many positions a partition has at least. */
  readonly partitionSize?: bigint | undefined;
}

interface Head {
  readonly head: bigint;
  readonly oldest: bigint;
  readonly copiedTo: bigint;
  readonly copiedAt: Date | null;
}

/**
 * Looks after the log's partitions, on one node at a time; others return at once. There is room ahead of the head; what is
 * older than the retention is no longer read; a partition in which all is older goes, once its events of keys are copied
 * to their history. Each step is whole by itself, so that whoever comes next goes on from where this one was ended.
 */
export async function maintainLog({
  clock,
  connect,
  retentionMs,
  signal,
  partitionSize,
}: LogMaintenance): Promise<void> {
  const client = await connect();
  // A query that is under way fails by it.
  client.on('error', () => undefined);
  try {
    const { rows } = await client.query<{ taken: boolean }>(
      `SELECT pg_try_advisory_lock(${LOCK_KEY}) AS taken, set_config('lock_timeout', '${LOCK_LIMIT}', false)`,
    );
    if (rows[0]?.taken !== true) return;
    const before = await readHead(client);
    await retryOnLockTimeout(client, () => createPartitionsAhead(client, before, partitionSize ?? PARTITION_SIZE));
    if (retentionMs === null) return;
    await dropCopiedPartitions(client, before, clock.now());
    await advanceOldest(client, before, new Date(clock.now().getTime() - retentionMs));
    await copyExpiredPartitions(client, clock, signal);
  } finally {
    await client.end();
  }
}

/** Removes the partitions whose events of keys have been copied for long enough. */
async function dropCopiedPartitions(client: Client, { copiedTo, copiedAt }: Head, now: Date): Promise<void> {
  if (copiedAt === null || copiedAt.getTime() > now.getTime() - DROP_DELAY_MS) return;
  await retryOnLockTimeout(client, () => dropDetachedPartitions(client, copiedTo));
  for (;;) {
    const removed = await retryOnLockTimeout(client, async () => {
      const [first] = await listPartitions(client);
      if (first === undefined || first.end > copiedTo) return false;
      await removePartition(client, first);
      return true;
    });
    if (!removed) return;
  }
}

/** Moves the log's beginning to the first event that is not older than that: all before it are. */
async function advanceOldest(client: Client, { head, oldest }: Head, limit: Date): Promise<void> {
  const { rows } = await client.query<{ position: string }>(
    `SELECT position FROM "Event" WHERE position >= $1 AND "recordedAt" >= $2 ORDER BY position LIMIT 1`,
    [oldest, limit],
  );
  const first = BigInt(rows[0]?.position ?? head + 1n);
  if (first <= oldest) return;
  await retryOnLockTimeout(client, () => client.query(`UPDATE "LogHead" SET oldest = $1 WHERE oldest < $1`, [first]));
}

/** Copies the events of keys from partitions in which nothing is read any more. What was copied before goes first. */
async function copyExpiredPartitions(client: Client, clock: Clock, signal: AbortSignal): Promise<void> {
  const { oldest, copiedTo } = await readHead(client);
  const over = (await listPartitions(client)).filter(({ end }) => end <= oldest);
  const beyond = over.at(-1)?.end;
  if (beyond === undefined || over.some((partition) => partition.end <= copiedTo)) return;
  if (!(await copyToKeyHistory(client, copiedTo, beyond, signal))) return;
  const copied = [beyond, clock.now()];
  await retryOnLockTimeout(client, () => client.query(`UPDATE "LogHead" SET "copiedTo" = $1, "copiedAt" = $2`, copied));
}

async function readHead(client: Client): Promise<Head> {
  const { rows } = await client.query<{ position: string; oldest: string; copiedTo: string; copiedAt: Date | null }>(
    `SELECT position, oldest, "copiedTo", "copiedAt" FROM "LogHead"`,
  );
  const [row] = rows;
  if (row === undefined) throw new Error('the log has no head');
  const { position, oldest, copiedTo, copiedAt } = row;
  return { head: BigInt(position), oldest: BigInt(oldest), copiedTo: BigInt(copiedTo), copiedAt };
}

/** Tries a step again when it has waited too long for a lock; it has not kept anybody waiting behind it. */
async function retryOnLockTimeout<Result>(client: Client, step: () => Promise<Result>): Promise<Result> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await step();
    } catch (error) {
      const isLate = error instanceof DatabaseError && error.code === LOCK_NOT_AVAILABLE;
      // A step that was a transaction is still in it.
      if (isLate) await client.query('ROLLBACK');
      if (!isLate || tries === TRIES) throw error;
    }
  }
}
