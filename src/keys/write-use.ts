import { systemActor } from '../domain/event.ts';
import type { EventBase } from '../domain/event-detail.ts';
import { AT_ONCE_SETTLES_MS } from '../domain/rotation.ts';
import type { Change } from '../log/change.ts';
import { foldConsumers } from './fold-consumers.ts';
import type { PendingUse } from './pending-use.ts';

interface KeyOwner {
  readonly id: string;
  readonly realmId: string;
  readonly ownerId: string;
}

/**
 * Writes a batch of use. Records KEY_FIRST_USED for each secret's first use, and KEY_SECRET_REUSED once per consumer of
 * a retired secret. `mayBeUnderWay`: whether a refused use may come from a request that its sender began before the
 * secret retired.
 */
export async function writeUse(
  change: Change,
  batch: readonly PendingUse[],
  { mayBeUnderWay }: { readonly mayBeUnderWay: boolean } = { mayBeUnderWay: true },
): Promise<void> {
  const keys = await lockKeyOwners(change, [...new Set(batch.map((use) => use.keyId))]);
  const folded = await foldConsumers(change.tx, batch);
  const used = folded.filter((use) => use.useCount > 0);
  const reused = folded.filter((use) => use.useCount === 0);
  if (used.length > 0) await writeUsed(change, keys, used);
  if (reused.length > 0) await writeReused(change, keys, reused, mayBeUnderWay);
}

/** Locks the keys in the order of their ids, as everywhere, so that the batches of two nodes cannot deadlock. */
async function lockKeyOwners({ tx }: Change, ids: readonly string[]): Promise<Map<string, KeyOwner>> {
  const rows = await tx.$queryRaw<KeyOwner[]>`
    SELECT id, "realmId", coalesce("accountId", "organizationId") AS "ownerId"
    FROM "Key" WHERE id = ANY(${ids}) ORDER BY id FOR NO KEY UPDATE`;
  return new Map(rows.map((row) => [row.id, row]));
}

async function writeUsed(change: Change, keys: ReadonlyMap<string, KeyOwner>, used: readonly PendingUse[]) {
  const { tx } = change;
  const rows = JSON.stringify(used);
  const inserted = await tx.$queryRaw<{ secretId: string }[]>`
    INSERT INTO "Use" ("secretId", consumer, "firstUsedAt", "lastUsedAt", "useCount")
    SELECT u."secretId", u.consumer, u."firstAt", u."lastAt", u."useCount"
    FROM jsonb_to_recordset(${rows}::jsonb)
      AS u("secretId" text, consumer text, "firstAt" timestamptz, "lastAt" timestamptz, "useCount" bigint)
    ON CONFLICT ("secretId", consumer) DO UPDATE SET
      "firstUsedAt" = least("Use"."firstUsedAt", excluded."firstUsedAt"),
      "lastUsedAt" = greatest("Use"."lastUsedAt", excluded."lastUsedAt"),
      "useCount" = "Use"."useCount" + excluded."useCount"
    RETURNING CASE WHEN xmax = 0 THEN "secretId" END AS "secretId"`;
  const moved = new Set(inserted.map(({ secretId }) => secretId));
  const movedKeys = used.filter(({ secretId }) => moved.has(secretId)).map(({ keyId }) => keyId);
  await writeDays(tx, rows);
  const first = await tx.$queryRaw<{ id: string; keyId: string; generation: number; firstUsedAt: Date }[]>`
    WITH seen AS (
      SELECT u."secretId", min(u."firstAt") AS "firstAt", max(u."lastAt") AS "lastAt"
      FROM jsonb_to_recordset(${rows}::jsonb) AS u("secretId" text, "firstAt" timestamptz, "lastAt" timestamptz)
      GROUP BY u."secretId"
    ), before AS (
      SELECT s.id FROM "Secret" s JOIN seen ON seen."secretId" = s.id WHERE s."firstUsedAt" IS NULL
    ), written AS (
      UPDATE "Secret" s SET
        "firstUsedAt" = coalesce(s."firstUsedAt", seen."firstAt"),
        "lastUsedAt" = greatest(s."lastUsedAt", seen."lastAt")
      FROM seen WHERE s.id = seen."secretId"
      RETURNING s.id, s."keyId", s.generation, s."firstUsedAt"
    )
    SELECT written.* FROM written JOIN before USING (id) ORDER BY written."firstUsedAt", written.id`;
  await tx.$executeRaw`
    WITH seen AS (
      SELECT u."keyId", max(u."lastAt") AS "lastAt"
      FROM jsonb_to_recordset(${rows}::jsonb) AS u("keyId" text, "lastAt" timestamptz) GROUP BY u."keyId"
    )
    UPDATE "Key" k SET
      "lastUsedAt" = greatest(k."lastUsedAt", seen."lastAt"),
      "activeAt" = greatest(k."activeAt", seen."lastAt"),
      "reviewAt" = CASE WHEN k."revokedAt" IS NULL AND k."expiredAt" IS NULL
                         AND (k."lastUsedAt" IS NULL OR k.standing <> 'ACTIVE'
                              OR (k."rotationStartedAt" IS NOT NULL AND k.id = ANY(${movedKeys})))
                        THEN least(k."reviewAt", seen."lastAt") ELSE k."reviewAt" END
    FROM seen WHERE k.id = seen."keyId"`;
  const latestFirst = used.toSorted((a, b) => b.firstAt.getTime() - a.firstAt.getTime());
  const consumers = new Map(latestFirst.map((use) => [use.secretId, use.consumer]));
  change.record(
    ...first.map(({ id, keyId, generation, firstUsedAt }) => ({
      ...useEvent(keys, keyId, firstUsedAt),
      type: 'KEY_FIRST_USED' as const,
      data: { generation, consumer: consumers.get(id) || null },
    })),
  );
}

/** Writes the days on which keys were used: the newest 400 of each key. */
async function writeDays(tx: Change['tx'], rows: string): Promise<void> {
  await tx.$executeRaw`
    INSERT INTO "UseDays" AS known ("keyId", days)
    SELECT u."keyId", array_agg(DISTINCT day ORDER BY day)
    FROM jsonb_to_recordset(${rows}::jsonb) AS u("keyId" text, "firstAt" timestamptz, "lastAt" timestamptz),
         LATERAL unnest(ARRAY[floor(extract(epoch FROM u."firstAt") / 86400)::int,
                              floor(extract(epoch FROM u."lastAt") / 86400)::int]) AS day
    GROUP BY u."keyId"
    ON CONFLICT ("keyId") DO UPDATE SET days = (
      SELECT array_agg(day ORDER BY day)
      FROM (SELECT DISTINCT unnest(known.days || excluded.days) AS day ORDER BY day DESC LIMIT 400) AS newest)
    WHERE NOT known.days @> excluded.days`;
}

/**
 * Writes refused uses of retired secrets. A refused use is left out if the key has ended, because its secrets are
 * harmless. It is also left out if the request was under way when a rotation without a grace period retired the secret,
 * and if the secret was created by such a rotation and retired by the next one, unused, within seconds.
 */
async function writeReused(
  change: Change,
  keys: ReadonlyMap<string, KeyOwner>,
  reused: readonly PendingUse[],
  mayBeUnderWay: boolean,
) {
  const found = await change.tx.$queryRaw<
    {
      keyId: string;
      generation: number;
      consumer: string;
      isNewConsumer: boolean;
      reusedAt: Date;
      retiresAt: Date | null;
    }[]
  >`
    WITH seen AS (
      SELECT u.* FROM jsonb_to_recordset(${JSON.stringify(reused)}::jsonb)
        AS u("secretId" text, "keyId" text, consumer text, "firstAt" timestamptz)
        JOIN "Key" k ON k.id = u."keyId" JOIN "Secret" s ON s.id = u."secretId"
      WHERE NOT (s."rotatedAtOnceBy" IS NOT NULL AND s."firstUsedAt" IS NULL
                 AND s."retiresAt" < s."createdAt" + ${AT_ONCE_SETTLES_MS} * interval '1 ms')
        AND NOT (${mayBeUnderWay} AND u."firstAt" < s."retiresAt" + ${AT_ONCE_SETTLES_MS} * interval '1 ms'
                 AND EXISTS (SELECT FROM "Secret" next WHERE next."keyId" = s."keyId"
                             AND next."createdAt" = s."retiresAt" AND next."rotatedAtOnceBy" IS NOT NULL))
        AND k."revokedAt" IS NULL AND k."expiredAt" IS NULL
        AND (k."expiryBasis" IS DISTINCT FROM 'HARD' OR k."expiresAt" > u."firstAt")
    ), written AS (
      INSERT INTO "Use" ("secretId", consumer, "reusedAt") SELECT "secretId", consumer, "firstAt" FROM seen
      ON CONFLICT ("secretId", consumer) DO UPDATE SET "reusedAt" = excluded."reusedAt" WHERE "Use"."reusedAt" IS NULL
      RETURNING "secretId", consumer, "reusedAt"
    )
    SELECT s."keyId", s.generation, s."retiresAt", w.consumer, w."reusedAt",
           NOT EXISTS (SELECT 1 FROM "Use" known JOIN "Secret" own ON own.id = known."secretId"
                       WHERE own."keyId" = s."keyId" AND known.consumer = w.consumer AND known."lastUsedAt" IS NOT NULL)
             AS "isNewConsumer"
    FROM written w JOIN "Secret" s ON s.id = w."secretId"`;
  change.record(
    ...found.map(({ keyId, generation, consumer, isNewConsumer, reusedAt, retiresAt }) => ({
      ...useEvent(keys, keyId, reusedAt),
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

/** Returns the fields of an event of use besides its type and data. */
function useEvent(keys: ReadonlyMap<string, KeyOwner>, keyId: string, at: Date): EventBase {
  const key = keys.get(keyId);
  return { at, keyId, realmId: key?.realmId ?? null, ownerId: key?.ownerId ?? null, actor: systemActor };
}
