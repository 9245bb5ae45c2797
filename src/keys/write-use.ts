import { ONE_USE_MS } from '../domain/cadence.ts';
import { DAY_MS } from '../domain/duration.ts';
import { monthOf } from '../domain/usage-day.ts';
import { AT_ONCE_SETTLES_MS } from '../domain/rotation.ts';
import type { Change } from '../log/change.ts';
import { arrayLiteral } from '../store/array-literal.ts';
import { daysWithNew } from './consumer-days.ts';
import { foldConsumers } from './fold-consumers.ts';
import {
  LEAST_DAYS,
  giveNextUseNotices,
  recordFirstUses,
  recordRhythmBreaks,
  useEvent,
  type FirstUse,
  type KeyOwner,
  type NewUse,
} from './record-new-use.ts';
import type { PendingUse } from '../verifier/pending-use.ts';

/**
 * Writes a batch of use of one day. Records KEY_FIRST_USED for each secret's first use, KEY_USED_OUT_OF_RHYTHM for the first use
 * of a day that does not fit the key's rhythm, and KEY_SECRET_REUSED once per consumer of a retired secret.
 * `mayBeUnderWay`: whether a refused use may come from a request that its sender began before the secret retired.
 */
export async function writeUse(
  change: Change,
  batch: readonly PendingUse[],
  { mayBeUnderWay }: { readonly mayBeUnderWay: boolean } = { mayBeUnderWay: true },
): Promise<void> {
  await lockUsedKeys(change, [...new Set(batch.map((use) => use.keyId))]);
  const folded = await foldConsumers(change.tx, batch);
  const used = folded.filter((use) => use.useCount > 0);
  const reused = folded.filter((use) => use.useCount === 0);
  if (used.length > 0) await writeUsed(change, used);
  if (reused.length > 0) await writeReused(change, reused, mayBeUnderWay);
}

/** Locks the keys in the order of their ids, as everywhere, so that the batches of two nodes cannot deadlock. */
export async function lockUsedKeys({ tx }: Pick<Change, 'tx'>, ids: readonly string[]): Promise<void> {
  await tx.$queryRaw`
    SELECT count(*)::int FROM (
      SELECT FROM "Key" WHERE id = ANY(${arrayLiteral(ids)}::text[]) ORDER BY id FOR NO KEY UPDATE) AS locked`;
}

/**
 * Writes accepted use in one statement: the pairs of secret and consumer, the secrets, the keys, the counts of the day, and the
 * days of keys that were last used on another day. The keys are locked, so it reads what no other transaction changes.
 */
async function writeUsed(change: Change, used: readonly PendingUse[]): Promise<void> {
  const day = used[0]?.day ?? 0;
  const dayOfMonth = new Date(day * DAY_MS).getUTCDate();
  const written = await change.tx.$queryRaw<(FirstUse | NewUse)[]>`
    WITH given AS MATERIALIZED (
      SELECT "secretId", "keyId", consumer, "useCount", timestamptz 'epoch' + "firstMs" * interval '1 ms' AS "firstAt",
             timestamptz 'epoch' + "lastMs" * interval '1 ms' AS "lastAt"
      FROM unnest(${arrayLiteral(used.map((use) => use.secretId))}::text[],
                  ${arrayLiteral(used.map((use) => use.keyId))}::text[],
                  ${arrayLiteral(used.map((use) => use.consumer))}::text[],
                  ${arrayLiteral(used.map((use) => use.useCount))}::bigint[],
                  ${arrayLiteral(used.map((use) => use.firstMs))}::bigint[],
                  ${arrayLiteral(used.map((use) => use.lastMs))}::bigint[])
        AS g("secretId", "keyId", consumer, "useCount", "firstMs", "lastMs")
    ), uses AS (
      INSERT INTO "Use" AS known ("secretId", consumer, "firstUsedAt", "lastUsedAt", "useCount", days, "lastDay")
      SELECT "secretId", consumer, "firstAt", "lastAt", "useCount", B'1', ${day}::int FROM given
      ON CONFLICT ("secretId", consumer) DO UPDATE SET
        "firstUsedAt" = least(known."firstUsedAt", excluded."firstUsedAt"),
        "lastUsedAt" = greatest(known."lastUsedAt", excluded."lastUsedAt"),
        "useCount" = known."useCount" + excluded."useCount",
        days = ${daysWithNew},
        "lastDay" = greatest(known."lastDay", excluded."lastDay")
      RETURNING CASE WHEN known.xmax = 0 THEN known."secretId" END AS "newAt"
    ), seen AS (
      SELECT g."secretId", min(g."keyId") AS "keyId", min(g."firstAt") AS "firstAt", max(g."lastAt") AS "lastAt",
             bool_or(g."secretId" IN (SELECT "newAt" FROM uses)) AS "hasNewConsumer"
      FROM given g GROUP BY g."secretId"
    ), secrets AS (
      UPDATE "Secret" s SET
        "firstUsedAt" = coalesce(s."firstUsedAt", seen."firstAt"),
        "lastUsedAt" = greatest(s."lastUsedAt", seen."lastAt")
      FROM seen WHERE s.id = seen."secretId"
      RETURNING s.id, s."firstUsedAt"
    ), "seenKeys" AS (
      SELECT "keyId", min("firstAt") AS "firstAt", max("lastAt") AS "lastAt", bool_or("hasNewConsumer") AS "hasNewConsumer"
      FROM seen GROUP BY "keyId"
    ), days AS (
      INSERT INTO "UseDays" AS known ("keyId", days)
      SELECT DISTINCT g."keyId", ARRAY[${day}::int]
      FROM given g JOIN "Key" before ON before.id = g."keyId" JOIN "Secret" own ON own.id = g."secretId"
      WHERE own."firstUsedAt" IS NULL OR before."lastUsedAt" IS NULL
         OR floor(extract(epoch FROM before."lastUsedAt") / 86400)::int <> ${day}::int
      ON CONFLICT ("keyId") DO UPDATE SET days = (
        SELECT array_agg(day ORDER BY day)
        FROM (SELECT DISTINCT unnest(known.days || excluded.days) AS day ORDER BY day DESC LIMIT 400) AS newest)
      WHERE NOT known.days @> excluded.days
      RETURNING known."keyId", known.days
    ), months AS (
      INSERT INTO "UseMonth" AS known ("keyId", month, counts)
      SELECT "keyId", ${monthOf(day)}::int,
             array_cat(array_fill(NULL::bigint, ARRAY[${dayOfMonth - 1}::int]), ARRAY[sum("useCount")::bigint])
      FROM given GROUP BY "keyId"
      ON CONFLICT ("keyId", month) DO UPDATE SET
        counts[${dayOfMonth}::int] = coalesce(known.counts[${dayOfMonth}::int], 0) + excluded.counts[${dayOfMonth}::int]
    ), realms AS (
      INSERT INTO "RealmUsage" AS known ("realmId", day, outcome, count)
      SELECT k."realmId", ${day}::int, 'VALID', sum(g."useCount") FROM given g JOIN "Key" k ON k.id = g."keyId"
      GROUP BY k."realmId" ORDER BY k."realmId"
      ON CONFLICT ("realmId", day, outcome) DO UPDATE SET count = known.count + excluded.count
    ), keys AS (
      UPDATE "Key" k SET
        "lastUsedAt" = greatest(k."lastUsedAt", seen."lastAt"),
        "activeAt" = greatest(k."activeAt", seen."lastAt"),
        "reviewAt" = CASE WHEN k."revokedAt" IS NULL AND k."expiredAt" IS NULL
                           AND (k."lastUsedAt" IS NULL OR k.standing <> 'ACTIVE'
                                OR (k."rotationStartedAt" IS NOT NULL AND seen."hasNewConsumer"))
                          THEN least(k."reviewAt", seen."lastAt") ELSE k."reviewAt" END
      FROM "seenKeys" seen WHERE k.id = seen."keyId"
    )
    SELECT secrets.id AS "secretId", secrets."firstUsedAt" AS "usedAt", own.generation, k.id, k."realmId",
           coalesce(k."accountId", k."organizationId", k."subjectId") AS "ownerId", NULL::int[] AS days,
           NULL::timestamptz AS "stopsAt", NULL::timestamptz AS "renewalDueAt", NULL::boolean AS "isSelfRenewing"
    FROM secrets JOIN "Secret" own ON own.id = secrets.id AND own."firstUsedAt" IS NULL JOIN "Key" k ON k.id = own."keyId"
    UNION ALL
    SELECT NULL, seen."firstAt", NULL, k.id, k."realmId", coalesce(k."accountId", k."organizationId", k."subjectId"), days.days,
           CASE WHEN k."stopsBasis" = 'HARD' AND k."tokenRuleId" IS NULL THEN k."stopsAt" END, k."renewalDueAt", k."isSelfRenewing"
    FROM days JOIN "seenKeys" seen USING ("keyId") JOIN "Key" k ON k.id = days."keyId"
    WHERE cardinality(days.days) > ${LEAST_DAYS} AND days.days[cardinality(days.days)] = ${day}::int
      AND ${day}::int - days.days[cardinality(days.days) - 1] > ${ONE_USE_MS / DAY_MS}
    ORDER BY "usedAt", "secretId", id`;
  if (written.length === 0) return;
  const newUses = written.filter((row) => row.days !== null);
  const first = written.filter((row) => row.days === null);
  recordFirstUses(change, used, first);
  recordRhythmBreaks(change, used, newUses);
  await giveNextUseNotices(change, newUses);
}

/**
 * Writes refused uses of retired secrets. A refused use is left out if the key has ended, because its secrets are
 * harmless. It is also left out if the request was under way when a rotation without a grace period retired the secret,
 * and if the secret was created by such a rotation and retired by the next one, unused, within seconds.
 */
async function writeReused(change: Change, reused: readonly PendingUse[], mayBeUnderWay: boolean) {
  const found = await change.tx.$queryRaw<
    (KeyOwner & {
      generation: number;
      consumer: string;
      isNewConsumer: boolean;
      reusedAt: Date;
      retiresAt: Date | null;
    })[]
  >`
    WITH seen AS (
      SELECT u."secretId", u.consumer, moment AS "firstAt"
      FROM unnest(${arrayLiteral(reused.map((use) => use.secretId))}::text[],
                  ${arrayLiteral(reused.map((use) => use.keyId))}::text[],
                  ${arrayLiteral(reused.map((use) => use.consumer))}::text[],
                  ${arrayLiteral(reused.map((use) => use.firstMs))}::bigint[])
        AS u("secretId", "keyId", consumer, "firstMs")
        CROSS JOIN LATERAL (SELECT timestamptz 'epoch' + u."firstMs" * interval '1 ms' AS moment) m
        JOIN "Key" k ON k.id = u."keyId" JOIN "Secret" s ON s.id = u."secretId"
      WHERE NOT (s."rotatedAtOnceBy" IS NOT NULL AND s."firstUsedAt" IS NULL
                 AND s."retiresAt" < s."createdAt" + ${AT_ONCE_SETTLES_MS} * interval '1 ms')
        AND NOT (${mayBeUnderWay} AND m.moment < s."retiresAt" + ${AT_ONCE_SETTLES_MS} * interval '1 ms'
                 AND EXISTS (SELECT FROM "Secret" next WHERE next."keyId" = s."keyId"
                             AND next."createdAt" = s."retiresAt" AND next."rotatedAtOnceBy" IS NOT NULL))
        AND k."revokedAt" IS NULL AND k."expiredAt" IS NULL
        AND (k."expiryBasis" IS DISTINCT FROM 'HARD' OR k."expiresAt" > m.moment)
    ), written AS (
      INSERT INTO "Use" ("secretId", consumer, "reusedAt") SELECT "secretId", consumer, "firstAt" FROM seen
      ON CONFLICT ("secretId", consumer) DO UPDATE SET "reusedAt" = excluded."reusedAt" WHERE "Use"."reusedAt" IS NULL
      RETURNING "secretId", consumer, "reusedAt"
    )
    SELECT k.id, k."realmId", coalesce(k."accountId", k."organizationId", k."subjectId") AS "ownerId",
           s.generation, s."retiresAt", w.consumer, w."reusedAt",
           NOT EXISTS (SELECT 1 FROM "Use" known JOIN "Secret" own ON own.id = known."secretId"
                       WHERE own."keyId" = s."keyId" AND known.consumer = w.consumer AND known."lastUsedAt" IS NOT NULL)
             AS "isNewConsumer"
    FROM written w JOIN "Secret" s ON s.id = w."secretId" JOIN "Key" k ON k.id = s."keyId"`;
  change.record(
    ...found.map(({ generation, consumer, isNewConsumer, reusedAt, retiresAt, ...key }) => ({
      ...useEvent(key, reusedAt),
      type: 'KEY_SECRET_REUSED' as const,
      data: {
        generation,
        consumer: consumer || null,
        isNewConsumer,
        retiredAt: retiresAt?.toISOString() ?? null,
      },
    })),
  );
}
