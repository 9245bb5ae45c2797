import { setTimeout as pause } from 'node:timers/promises';
import type { Entry, StoredEvent } from './history.ts';
import { checkMails } from './check-mails.ts';
import { withDatabaseClient, runOn, type WorldDatabase } from './own-database.ts';

const LOOK_EVERY_MS = 100;

/** For mails: they are tried again after a minute, and are another node's after five when theirs was killed. */
const MINUTES_PASS = `UPDATE "Digest" SET "tryAt" = now(), "leasedUntil" = now() WHERE "tryAt" IS NOT NULL`;

export interface SettlingOptions {
  readonly database: WorldDatabase;
  readonly entries: readonly Entry[];
  readonly since: number;
  readonly subscriberCount: number;
  readonly settleMs: number;
}

/**
 * Resolves when all that is to come has come: keys that have reached their end are told of, the subscribers have had the
 * newest event, the receiver all of keys, and people mails of all leaks. Or when the time for it is over: what is missing then, the checker finds.
 */
export async function waitUntilSettled({
  database,
  entries,
  since,
  subscriberCount,
  settleMs,
}: SettlingOptions): Promise<void> {
  const over = performance.now() + settleMs;
  const { connectionString } = database;
  await runOn(connectionString, MINUTES_PASS);
  while (performance.now() < over) {
    await pause(LOOK_EVERY_MS);
    if (await hasUndecided(connectionString, entries)) continue;
    const events = await readLog(connectionString);
    const newest = events.at(-1)?.position ?? 0;
    const lastPositions = new Map<number, number>();
    for (const entry of entries) if (entry.kind === 'TOLD') lastPositions.set(entry.subscriber, entry.position);
    const upToDate = [...lastPositions.values()].filter((position) => position >= newest).length;
    if (upToDate < subscriberCount) continue;
    if (checkMails({ entries, events, since }).some(({ rule }) => rule === 'MAIL_MISSED')) continue;
    const delivered = new Set(entries.flatMap((entry) => (entry.kind === 'DELIVERED' ? [entry.id] : [])));
    if (events.every(({ id, keyId, position }) => keyId === null || position <= since || delivered.has(id))) return;
  }
}

/** The whole log, oldest event first. */
export async function readLog(connectionString: string): Promise<StoredEvent[]> {
  const { rows } = await withDatabaseClient(connectionString, (client) =>
    client.query<StoredEvent>(
      `SELECT position::int AS position, id, type, "keyId", "actorKind", data FROM "Event" ORDER BY "Event".position`,
    ),
  );
  return rows;
}

/** Whether there are keys that have come to the end that somebody set, or to a week before it, without an event. */
async function hasUndecided(connectionString: string, entries: readonly Entry[]): Promise<boolean> {
  const ending = entries.flatMap((entry) => (entry.kind === 'CHANGED' && entry.endsAt !== null ? [entry.keyId] : []));
  const { rowCount } = await withDatabaseClient(connectionString, (client) =>
    client.query(
      `SELECT FROM "Key" k WHERE id = ANY($1) AND "expiredAt" IS NULL AND NOT EXISTS (
         SELECT FROM "Event" e WHERE e."keyId" = k.id AND e.type = 'KEY_EXPIRING' AND e.data->>'threshold' = 'P7D')`,
      [ending],
    ),
  );
  return rowCount !== 0;
}
