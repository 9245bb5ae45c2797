import type { Client } from 'pg';
import { Prisma, type Event } from '../../prisma/generated/client/client.ts';
import type { EventType } from '../domain/event.ts';
import type { Core } from '../store/core.ts';
import { eventColumns } from './stored-events.ts';

/** The number of events that one statement copies. */
const BATCH_SIZE = 5_000;

type Reader = Pick<Core['prisma'], '$queryRaw'>;

/**
 * Returns a key's events after a position, oldest first, each once: those in the log, and those copied to "KeyHistory".
 * Partitions are dropped only after their events were copied, and this is one statement, so no event is ever missing.
 */
export function readKeyHistory(db: Reader, keyId: string, after: bigint, count: number): Promise<Event[]> {
  return db.$queryRaw<Event[]>`
    (SELECT ${eventColumns} FROM "Event" WHERE "keyId" = ${keyId} AND position > ${after} ORDER BY position LIMIT ${count})
    UNION
    (SELECT ${eventColumns} FROM "KeyHistory" WHERE "keyId" = ${keyId} AND position > ${after} ORDER BY position LIMIT ${count})
    ORDER BY position LIMIT ${count}`;
}

/** Returns the event with an id from the log or from the history of a key; null if there is none. */
export async function findEvent(db: Reader, id: string): Promise<Event | null> {
  const [event] = await db.$queryRaw<Event[]>`
    SELECT ${eventColumns} FROM "Event" WHERE id = ${id}
    UNION SELECT ${eventColumns} FROM "KeyHistory" WHERE id = ${id}`;
  return event ?? null;
}

/** Returns the first event of a type by which an operation changed a key; null: there is none. */
export async function findEventOfOperation(
  db: Reader,
  keyId: string,
  type: EventType,
  operationId: string,
): Promise<Event | null> {
  const condition = Prisma.sql`"keyId" = ${keyId} AND type = ${type} AND data->>'operationId' = ${operationId}`;
  const [event] = await db.$queryRaw<Event[]>`
    SELECT ${eventColumns} FROM "Event" WHERE ${condition}
    UNION SELECT ${eventColumns} FROM "KeyHistory" WHERE ${condition}
    ORDER BY position LIMIT 1`;
  return event ?? null;
}

/** Returns the kind of actor of the last event of these types, by key. Keys without such an event are absent. */
export async function findLastActors(
  db: Reader,
  keyIds: readonly string[],
  types: readonly EventType[],
): Promise<ReadonlyMap<string, string>> {
  const condition = Prisma.sql`"keyId" = ANY(${[...keyIds]}) AND type = ANY(${[...types]})`;
  const events = await db.$queryRaw<{ keyId: string; actorKind: string }[]>`
    SELECT DISTINCT ON ("keyId") "keyId", "actorKind" FROM (
      SELECT "keyId", position, "actorKind" FROM "Event" WHERE ${condition}
      UNION ALL
      SELECT "keyId", position, "actorKind" FROM "KeyHistory" WHERE ${condition}) AS matching
    ORDER BY "keyId", position DESC`;
  return new Map(events.map(({ keyId, actorKind }) => [keyId, actorKind]));
}

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
  const columns = eventColumns.sql;
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
