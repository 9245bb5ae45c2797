import type { Client } from 'pg';

/** Number of events that one statement copies. */
const BATCH_SIZE = 5_000;

const columns = `position, id, type, at, "recordedAt", "keyId", "realmId", "ownerId", "actorKind", "actorId", "actorName", reason, data`;

/**
 * Copies the events of keys at positions from `from` up to, and not including, `end` into "KeyHistory". Idempotent:
 * rows that exist stay. Returns false if the signal aborted before the end.
 */
export async function copyToKeyHistory(
  client: Client,
  from: bigint,
  end: bigint,
  signal: AbortSignal,
): Promise<boolean> {
  let next = from;
  for (let count = BATCH_SIZE; count === BATCH_SIZE;) {
    if (signal.aborted) return false;
    const { rows } = await client.query<{ count: number; last: string | null }>(
      `WITH batch AS (
         SELECT ${columns} FROM "Event" WHERE position >= $1 AND position < $2 AND "keyId" IS NOT NULL
         ORDER BY position LIMIT ${BATCH_SIZE}
       ), copied AS (
         INSERT INTO "KeyHistory" (${columns}) SELECT ${columns} FROM batch ON CONFLICT DO NOTHING
       )
       SELECT count(*)::int AS count, max(position) AS last FROM batch`,
      [next, end],
    );
    count = rows[0]?.count ?? 0;
    next = BigInt(rows[0]?.last ?? end) + 1n;
  }
  return true;
}
