import { Prisma, type Event } from '../../prisma/generated/client/client.ts';
import type { EventType } from '../domain/event.ts';
import type { Core } from '../store/core.ts';
import { eventColumns } from './stored-events.ts';

type Reader = Pick<Core['prisma'], '$queryRaw'>;

/**
 * A key's events after a position, oldest first: those in the log and those that were copied before their partition goes,
 * each once. One statement, and a partition goes later than its copy has come, so that none is missing at any moment.
 */
export function readKeyHistory(db: Reader, keyId: string, after: bigint, count: number): Promise<Event[]> {
  return db.$queryRaw<Event[]>`
    (SELECT ${eventColumns} FROM "Event" WHERE "keyId" = ${keyId} AND position > ${after} ORDER BY position LIMIT ${count})
    UNION
    (SELECT ${eventColumns} FROM "KeyHistory" WHERE "keyId" = ${keyId} AND position > ${after} ORDER BY position LIMIT ${count})
    ORDER BY position LIMIT ${count}`;
}

/** The event with an id, in the log or in a key's history. */
export async function findEvent(db: Reader, id: string): Promise<Event | null> {
  const [event] = await db.$queryRaw<Event[]>`
    SELECT ${eventColumns} FROM "Event" WHERE id = ${id}
    UNION SELECT ${eventColumns} FROM "KeyHistory" WHERE id = ${id}`;
  return event ?? null;
}

/** Which kind of actor made the last change of these types to each of some keys. Of a key without one there is nothing. */
export async function findLastActors(
  db: Reader,
  keyIds: readonly string[],
  types: readonly EventType[],
): Promise<ReadonlyMap<string, string>> {
  const chosen = Prisma.sql`"keyId" = ANY(${[...keyIds]}) AND type = ANY(${[...types]})`;
  const events = await db.$queryRaw<{ keyId: string; actorKind: string }[]>`
    SELECT DISTINCT ON ("keyId") "keyId", "actorKind" FROM (
      SELECT "keyId", position, "actorKind" FROM "Event" WHERE ${chosen}
      UNION ALL
      SELECT "keyId", position, "actorKind" FROM "KeyHistory" WHERE ${chosen}) AS told
    ORDER BY "keyId", position DESC`;
  return new Map(events.map(({ keyId, actorKind }) => [keyId, actorKind]));
}
