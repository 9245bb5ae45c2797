import { Prisma } from '../../prisma/generated/client/client.ts';
import { breakingOutcomes, findBreakage, type FoundBreakage, type RefusedConsumer } from '../domain/breakage.ts';
import { systemActor } from '../domain/event.ts';
import { newId } from '../domain/id.ts';
import { AT_ONCE_SETTLES_MS, OVERFLOW_CONSUMER } from '../domain/rotation.ts';
import type { Change } from '../log/change.ts';

/** A refused consumer with one secret of the key that it has used successfully. */
export interface RefusedConsumerRow extends Omit<RefusedConsumer, 'uses'> {
  readonly keyId: string;
  readonly realmId: string;
  readonly ownerId: string;
  readonly useGeneration: number;
  readonly isCurrent: boolean;
  readonly firstUsedAt: Date;
  readonly lastUsedAt: Date;
  readonly lastDay: number | null;
  readonly days: string | null;
}

/**
 * SQL: the rows of `labelled` (the refusals of one day) that can be breakage, with what decides it, as RefusedConsumerRow. Consumers
 * whose breakage of that key and day is recorded are left out, so that usually there is no row.
 */
export function selectRefusedConsumers(day: number): Prisma.Sql {
  return Prisma.sql`
    SELECT l."keyId", k."realmId", coalesce(k."accountId", k."organizationId", k."subjectId") AS "ownerId",
           l.outcome, l.label AS consumer, l.generation, l."heldByPolicy", l."firstAt", l."lastAt",
           (SELECT min(h.since) FROM "Hold" h WHERE h."keyId" = k.id AND h.source <> 'POLICY') AS "heldSince",
           EXISTS (SELECT FROM "Leak" WHERE "secretId" = refused.id) AS "isLeaked",
           (SELECT max(next."createdAt") + ${AT_ONCE_SETTLES_MS}::int * interval '1 ms' FROM "Secret" next
            WHERE next."keyId" = k.id AND next."createdAt" = refused."retiresAt" AND next."rotatedAtOnceBy" IS NOT NULL)
             AS "underWayUntil",
           own.generation AS "useGeneration", own."retiresAt" IS NULL AS "isCurrent",
           u."firstUsedAt", u."lastUsedAt", u."lastDay", u.days::text AS days
    FROM labelled l JOIN "Key" k ON k.id = l."keyId"
      JOIN "Secret" refused ON refused."keyId" = k.id AND refused.generation = l.generation
      JOIN "Secret" own ON own."keyId" = k.id
      JOIN "Use" u ON u."secretId" = own.id AND u.consumer = l.label AND u."lastUsedAt" IS NOT NULL
    WHERE l.outcome IN (${Prisma.join([...breakingOutcomes])}) AND (l.outcome <> 'KEY_HELD' OR l."heldByPolicy")
      AND l.label NOT IN ('', ${OVERFLOW_CONSUMER})
      AND NOT EXISTS (SELECT FROM "Breakage" b WHERE b."keyId" = k.id AND b.day = ${day}::int AND b.consumer = l.label)`;
}

type RecordedBreakage = FoundBreakage &
  Pick<RefusedConsumerRow, 'keyId' | 'realmId' | 'ownerId' | 'generation'> & {
    readonly consumer: string;
    readonly outcome: RefusedConsumer['outcome'];
  };

/**
 * Records which refused consumers are broken: one row and one KEY_BROKE_CONSUMER for each key, consumer and day (UTC), whichever
 * node is the first to write it.
 */
export async function recordBreakages(change: Change, day: number, rows: readonly RefusedConsumerRow[]): Promise<void> {
  const found = firstOfEach(findBreakages(rows));
  if (found.length === 0) return;
  const data = found.map((breakage) => ({ id: newId('breakage', change.now(), change.core.random), day, ...breakage }));
  const inserted = await change.tx.breakage.createManyAndReturn({ data, skipDuplicates: true, select: { id: true } });
  const isNew = new Set(inserted.map(({ id }) => id));
  change.record(
    ...data
      .filter(({ id }) => isNew.has(id))
      .map(({ keyId, realmId, ownerId, at, consumer, outcome, generation, firstUsedAt, lastUsedAt }) => ({
        at,
        keyId,
        realmId,
        ownerId,
        actor: systemActor,
        type: 'KEY_BROKE_CONSUMER' as const,
        data: {
          consumer,
          outcome,
          generation,
          firstUsedAt: firstUsedAt.toISOString(),
          lastUsedAt: lastUsedAt.toISOString(),
        },
      })),
  );
}

function findBreakages(rows: readonly RefusedConsumerRow[]): RecordedBreakage[] {
  const byRefusal = Map.groupBy(rows, ({ keyId, consumer, outcome, generation }) =>
    JSON.stringify([keyId, consumer, outcome, generation]),
  );
  return [...byRefusal.values()].flatMap((ofRefusal) => {
    const [refused] = ofRefusal;
    if (refused === undefined) return [];
    const uses = ofRefusal.map(({ useGeneration, isCurrent, firstUsedAt, lastUsedAt, lastDay, days }) => ({
      generation: useGeneration,
      isCurrent,
      firstUsedAt,
      lastUsedAt,
      lastDay,
      days,
    }));
    const breakage = findBreakage({ ...refused, uses });
    if (breakage === null) return [];
    const { keyId, realmId, ownerId, consumer, outcome, generation } = refused;
    return [{ ...breakage, keyId, realmId, ownerId, consumer, outcome, generation }];
  });
}

/** Returns the earliest breakage of each key and consumer, sorted, so that two nodes that insert the same rows cannot deadlock. */
function firstOfEach(found: readonly RecordedBreakage[]): RecordedBreakage[] {
  const first = new Map<string, RecordedBreakage>();
  for (const breakage of found.toSorted((a, b) => a.at.getTime() - b.at.getTime())) {
    const name = JSON.stringify([breakage.keyId, breakage.consumer]);
    if (!first.has(name)) first.set(name, breakage);
  }
  return [...first].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, breakage]) => breakage);
}
