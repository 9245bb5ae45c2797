import { OVERFLOW_CONSUMER } from '../domain/rotation.ts';
import type { Change } from '../log/change.ts';
import { arrayLiteral } from '../store/array-literal.ts';
import { endRefusedBrownouts } from './end-refused-brownouts.ts';
import type { PendingRefusal } from './pending-refusals.ts';
import { recordBreakages, selectRefusedConsumers, type RefusedConsumerRow } from './record-breakages.ts';

/**
 * How many consumers that have never used a key successfully are counted apart on one day. The others are counted together, so
 * that a verifier with ever new labels cannot fill the table. Known consumers always count apart: their refusals are
 * what people look for.
 */
const UNKNOWN_CONSUMERS_MAX = 20;

/** Writes refusals of one day (UTC): by key, outcome and consumer, and by realm. Records which consumers they broke, and ends brownouts. */
export async function writeRefusals(change: Change, batch: readonly PendingRefusal[]): Promise<void> {
  const day = batch[0]?.day ?? 0;
  await endRefusedBrownouts(change, batch);
  const rows = await change.tx.$queryRaw<RefusedConsumerRow[]>`
    WITH given AS MATERIALIZED (
      SELECT g.*, s.generation, timestamptz 'epoch' + "firstMs" * interval '1 ms' AS "firstAt",
             timestamptz 'epoch' + "lastMs" * interval '1 ms' AS "lastAt",
             consumer IN ('', ${OVERFLOW_CONSUMER})
               OR EXISTS (SELECT FROM "Secret" own JOIN "Use" u ON u."secretId" = own.id
                          WHERE own."keyId" = g."keyId" AND u.consumer = g.consumer AND u."lastUsedAt" IS NOT NULL)
               OR EXISTS (SELECT FROM "Refusal" r
                          WHERE r."keyId" = g."keyId" AND r.day = ${day}::int AND r.consumer = g.consumer) AS "isKnown"
      FROM unnest(${arrayLiteral(batch.map((refusal) => refusal.secretId))}::text[],
                  ${arrayLiteral(batch.map((refusal) => refusal.keyId))}::text[],
                  ${arrayLiteral(batch.map((refusal) => refusal.outcome))}::text[],
                  ${arrayLiteral(batch.map((refusal) => refusal.heldByPolicy))}::boolean[],
                  ${arrayLiteral(batch.map((refusal) => refusal.consumer))}::text[],
                  ${arrayLiteral(batch.map((refusal) => refusal.useCount))}::bigint[],
                  ${arrayLiteral(batch.map((refusal) => refusal.firstMs))}::bigint[],
                  ${arrayLiteral(batch.map((refusal) => refusal.lastMs))}::bigint[])
        AS g("secretId", "keyId", outcome, "heldByPolicy", consumer, count, "firstMs", "lastMs")
        JOIN "Secret" s ON s.id = g."secretId"
    ), counted AS (
      SELECT "keyId", count(DISTINCT r.consumer) AS "consumerCount"
      FROM (SELECT DISTINCT "keyId" FROM given WHERE NOT "isKnown") AS asked JOIN "Refusal" r USING ("keyId")
      WHERE r.day = ${day}::int GROUP BY "keyId"
    ), placed AS (
      SELECT given.*, CASE WHEN "isKnown" THEN consumer
               WHEN coalesce("consumerCount", 0) + dense_rank() OVER (PARTITION BY "keyId", "isKnown" ORDER BY consumer)
                    <= ${UNKNOWN_CONSUMERS_MAX} THEN consumer
               ELSE ${OVERFLOW_CONSUMER} END AS label
      FROM given LEFT JOIN counted USING ("keyId")
    ), labelled AS MATERIALIZED (
      SELECT "keyId", outcome, generation, "heldByPolicy", label, sum(count) AS count, min("firstAt") AS "firstAt",
             max("lastAt") AS "lastAt"
      FROM placed GROUP BY "keyId", outcome, generation, "heldByPolicy", label
    ), refusals AS (
      INSERT INTO "Refusal" AS known ("keyId", day, outcome, generation, "heldByPolicy", consumer, count, "firstAt", "lastAt")
      SELECT "keyId", ${day}::int, outcome, generation, "heldByPolicy", label, count, "firstAt", "lastAt" FROM labelled
      ORDER BY "keyId", outcome, generation, "heldByPolicy", label
      ON CONFLICT ("keyId", day, outcome, generation, "heldByPolicy", consumer) DO UPDATE SET
        count = known.count + excluded.count,
        "firstAt" = least(known."firstAt", excluded."firstAt"),
        "lastAt" = greatest(known."lastAt", excluded."lastAt")
    ), realms AS (
      INSERT INTO "RealmUsage" AS known ("realmId", day, outcome, count)
      SELECT k."realmId", ${day}::int, outcome, sum(count) FROM given JOIN "Key" k ON k.id = given."keyId"
      GROUP BY k."realmId", outcome ORDER BY k."realmId", outcome
      ON CONFLICT ("realmId", day, outcome) DO UPDATE SET count = known.count + excluded.count
    )
    ${selectRefusedConsumers(day)}`;
  await recordBreakages(change, day, rows);
}
