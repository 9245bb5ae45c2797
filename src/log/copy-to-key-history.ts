import type { Client } from 'pg';

/** How many events one statement copies. */
const BATCH = 5_000;

const columns = `position, id, type, at, "recordedAt", "keyId", "realmId", "ownerId", "actorKind", "actorId", "actorName", reason, data`;

/**
 * Copies the events of keys at positions from `from` up to before `beyond` to where a key's history is kept. What is there
 * already stays: it can be done again from anywhere. False: the signal has aborted before the end.
 */
export async function copyToKeyHistory(
  client: Client,
  from: bigint,
  beyond: bigint,
  signal: AbortSignal,
): Promise<boolean> {
  let next = from;
  for (let count = BATCH; count === BATCH;) {
    if (signal.aborted) return false;
    const { rows } = await client.query<{ count: number; last: string | null }>(
      `WITH batch AS (
         SELECT ${columns} FROM "Event" WHERE position >= $1 AND position < $2 AND "keyId" IS NOT NULL
         ORDER BY position LIMIT ${BATCH}
       ), copied AS (
         INSERT INTO "KeyHistory" (${columns}) SELECT ${columns} FROM batch ON CONFLICT DO NOTHING
       )
       SELECT count(*)::int AS count, max(position) AS last FROM batch`,
      [next, beyond],
    );
    count = rows[0]?.count ?? 0;
    next = BigInt(rows[0]?.last ?? beyond) + 1n;
  }
  return true;
}
