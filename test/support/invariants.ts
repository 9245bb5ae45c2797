import type { Client } from 'pg';
import { expect } from 'vitest';

/**
 * What holds of every database that Keytide has written, whatever crashed: rows and events tell the same. Each statement
 * selects what breaks its sentence.
 */
export const invariants: Readonly<Record<string, string>> = {
  'the log has as many events as its head position, without a gap': `
    SELECT h.position AS head, count(e.*) AS events, max(e.position) AS newest FROM "LogHead" h LEFT JOIN "Event" e ON true
    GROUP BY h.position HAVING h.position <> count(e.*) OR h.position <> coalesce(max(e.position), 0)`,

  'an event is recorded when it has become true, not before': `
    SELECT position, type FROM "Event" WHERE "recordedAt" < at`,

  'a key has exactly one current secret': `
    SELECT k.id FROM "Key" k LEFT JOIN "Secret" s ON s."keyId" = k.id AND s."retiresAt" IS NULL
    GROUP BY k.id HAVING count(s.*) <> 1`,

  'a key was issued once, to its first owner': `
    SELECT k.id FROM "Key" k LEFT JOIN "Event" e ON e."keyId" = k.id AND e.type = 'KEY_ISSUED' AND e.at = k."createdAt"
    GROUP BY k.id HAVING count(e.*) <> 1`,

  'a secret was created by the issue of its key or by one rotation': `
    SELECT s.id FROM "Secret" s
    LEFT JOIN "Event" e ON e."keyId" = s."keyId" AND e.type = 'KEY_ROTATION_STARTED'
      AND (e.data->>'generation')::int = s.generation AND e.at = s."createdAt"
    GROUP BY s.id HAVING count(e.*) <> CASE WHEN s.generation = 1 THEN 0 ELSE 1 END
    UNION ALL
    SELECT e.id FROM "Event" e WHERE e.type = 'KEY_ROTATION_STARTED' AND NOT EXISTS (
      SELECT FROM "Secret" s WHERE s."keyId" = e."keyId" AND s.generation = (e.data->>'generation')::int)
    UNION ALL
    SELECT "keyId" FROM "Secret" GROUP BY "keyId" HAVING max(generation) <> count(*)`,

  'a rotation is pending if its last event says so, and the old secret retires as recorded': `
    WITH last AS (
      SELECT DISTINCT ON ("keyId") "keyId", type, data, at FROM "Event" WHERE type LIKE 'KEY_ROTATION_%'
      ORDER BY "keyId", position DESC
    )
    SELECT k.id FROM "Key" k LEFT JOIN last ON last."keyId" = k.id
    WHERE (k."rotationStartedAt" IS NOT NULL) <> coalesce(
      last.type IN ('KEY_ROTATION_STARTED', 'KEY_ROTATION_STALLED') OR (last.data->>'isSwap')::boolean, false)
    UNION ALL
    SELECT last."keyId" FROM last WHERE NOT EXISTS (
      SELECT FROM "Secret" s WHERE s."keyId" = last."keyId" AND s."retiresAt" = CASE last.type
        WHEN 'KEY_ROTATION_STARTED' THEN (last.data->>'previousRetiresAt')::timestamptz
        WHEN 'KEY_ROTATION_STALLED' THEN (last.data->>'to')::timestamptz
        WHEN 'KEY_ROTATION_UNDONE' THEN (last.data->>'retiresAt')::timestamptz
        ELSE last.at END)`,

  'a key is revoked exactly if one event records it, at its instant': `
    SELECT k.id FROM "Key" k LEFT JOIN "Event" e ON e."keyId" = k.id AND e.type = 'KEY_REVOKED'
    GROUP BY k.id HAVING count(e.*) <> CASE WHEN k."revokedAt" IS NULL THEN 0 ELSE 1 END OR max(e.at) <> k."revokedAt"`,

  'a key has expired exactly if that was recorded and it was not renewed since': `
    SELECT k.id FROM "Key" k LEFT JOIN LATERAL (
      SELECT type, at FROM "Event" e WHERE e."keyId" = k.id AND type IN ('KEY_EXPIRED', 'KEY_RENEWED')
      ORDER BY position DESC LIMIT 1
    ) last ON true
    WHERE k."expiredAt" IS DISTINCT FROM CASE WHEN last.type = 'KEY_EXPIRED' THEN last.at END`,

  'a key has the expiry of its last event': `
    SELECT k.id FROM "Key" k JOIN LATERAL (
      SELECT data FROM "Event" e WHERE e."keyId" = k.id AND e.data ? 'expiresAt' ORDER BY position DESC LIMIT 1
    ) last ON true
    WHERE k."chosenExpiresAt" IS NOT NULL AND k."expiresAt" IS DISTINCT FROM (last.data->>'expiresAt')::timestamptz`,

  'a key renews itself if a key made its last renewal or rotation': `
    SELECT k.id FROM "Key" k LEFT JOIN LATERAL (
      SELECT "actorKind" FROM "Event" e WHERE e."keyId" = k.id AND type IN ('KEY_RENEWED', 'KEY_ROTATION_STARTED')
      ORDER BY position DESC LIMIT 1
    ) last ON true
    WHERE k."isSelfRenewing" <> coalesce(last."actorKind" = 'KEY', false)`,

  'a key has the holds that were recorded and not lifted': `
    SELECT k.id FROM "Key" k
    WHERE (SELECT count(*) FROM "Hold" h WHERE h."keyId" = k.id) <> (
      SELECT coalesce(sum(CASE WHEN type = 'KEY_HELD' THEN 1 WHEN "actorKind" = 'POLICY' THEN -1
                               ELSE -jsonb_array_length(data->'sources') END), 0)
      FROM "Event" e WHERE e."keyId" = k.id AND type IN ('KEY_HELD', 'KEY_RESUMED'))`,

  'an operation counts its keys, and none waits when it has ended': `
    SELECT o.id FROM "Operation" o JOIN LATERAL (
      SELECT count(*) AS total, count(*) FILTER (WHERE state IN ('DONE', 'UNDONE', 'UNDO_FAILED')) AS done,
        count(*) FILTER (WHERE state = 'FAILED') AS failed, count(*) FILTER (WHERE state = 'SKIPPED') AS skipped,
        count(*) FILTER (WHERE state = 'UNDONE') AS undone
      FROM "OperationKey" k WHERE k."operationId" = o.id
    ) k ON true
    WHERE (o.total, o.done, o.failed, o.skipped, o.undone) <> (k.total, k.done, k.failed, k.skipped, k.undone)
       OR (o."endedAt" IS NOT NULL AND o.done + o.failed + o.skipped <> o.total)`,

  'a leak has exactly one event, which records the response': `
    SELECT coalesce(recorded."secretId", l."secretId") FROM (
      SELECT s.id AS "secretId", e.at, e.data->>'reportedBy' AS by, CASE e.type WHEN 'KEY_HELD' THEN 'HELD'
        WHEN 'KEY_REVOKED' THEN 'REVOKED' WHEN 'KEY_ROTATION_COMPLETED' THEN 'RETIRED' END AS outcome
      FROM "Event" e JOIN "Secret" s ON s."keyId" = e."keyId" AND s.generation = (e.data->>'generation')::int
      WHERE e.data ? 'reportedBy'
    ) recorded FULL JOIN "Leak" l USING ("secretId")
    GROUP BY 1, l.outcome, l."reportedAt", l."reportedBy"
    HAVING count(recorded.*) <> 1 OR min(recorded.outcome) IS DISTINCT FROM l.outcome::text
      OR min(recorded.at) IS DISTINCT FROM l."reportedAt" OR min(recorded.by) IS DISTINCT FROM l."reportedBy"`,

  'a key held for a leak has that hold until a person lifts it': `
    SELECT l."secretId" FROM "Leak" l JOIN "Secret" s ON s.id = l."secretId"
    JOIN "Event" e ON e."keyId" = s."keyId" AND e.data ? 'reportedBy' AND (e.data->>'generation')::int = s.generation
    WHERE l.outcome = 'HELD' AND EXISTS (
      SELECT FROM "Hold" h WHERE h."keyId" = s."keyId" AND h.source = 'LEAK' AND h.since = l."reportedAt"
    ) = EXISTS (
      SELECT FROM "Event" r WHERE r."keyId" = s."keyId" AND r.position > e.position AND r.type = 'KEY_RESUMED'
        AND r."actorKind" = 'ACCOUNT' AND r.data->'sources' ? 'LEAK')`,

  'a key belongs to the owner of its last transfer': `
    SELECT k.id FROM "Key" k JOIN LATERAL (
      SELECT "ownerId" FROM "Event" e WHERE e."keyId" = k.id AND type IN ('KEY_ISSUED', 'KEY_TRANSFERRED')
      ORDER BY position DESC LIMIT 1
    ) last ON true
    WHERE coalesce(k."accountId", k."organizationId") <> last."ownerId"`,

  'a notice has exactly one event for each stop and threshold': `
    SELECT "keyId", "stopsAt", sum(notices), sum(events) FROM (
      SELECT "keyId", "stopsAt", 1 AS notices, 0 AS events FROM "Notice"
      UNION ALL
      SELECT "keyId", (data->>'stopsAt')::timestamptz, 0, 1 FROM "Event" WHERE type IN ('KEY_EXPIRING', 'KEY_STOPS_BEFORE_NEXT_USE')
    ) both_told GROUP BY 1, 2 HAVING sum(notices) <> sum(events)
    UNION ALL
    SELECT "keyId", (data->>'stopsAt')::timestamptz, 0, count(*) FROM "Event" WHERE type IN ('KEY_EXPIRING', 'KEY_STOPS_BEFORE_NEXT_USE')
    GROUP BY "keyId", data->>'stopsAt', data->>'threshold' HAVING count(*) <> 1`,

  'a first use and the reuse of a retired secret are recorded once each': `
    SELECT s.id FROM "Secret" s LEFT JOIN "Event" e ON e."keyId" = s."keyId" AND e.type = 'KEY_FIRST_USED'
      AND (e.data->>'generation')::int = s.generation
    GROUP BY s.id HAVING count(e.*) <> CASE WHEN s."firstUsedAt" IS NULL THEN 0 ELSE 1 END
    UNION ALL
    SELECT u."secretId" FROM "Use" u JOIN "Secret" s ON s.id = u."secretId"
    LEFT JOIN "Event" e ON e."keyId" = s."keyId" AND e.type = 'KEY_SECRET_REUSED'
      AND (e.data->>'generation')::int = s.generation AND coalesce(e.data->>'consumer', '') = u.consumer
    GROUP BY u."secretId", u.consumer, u."reusedAt"
    HAVING count(e.*) <> CASE WHEN u."reusedAt" IS NULL THEN 0 ELSE 1 END`,

  'use counts agree by consumer, by secret and by key': `
    SELECT s.id FROM "Secret" s LEFT JOIN "Use" u ON u."secretId" = s.id
    GROUP BY s.id HAVING s."lastUsedAt" IS DISTINCT FROM max(u."lastUsedAt")
    UNION ALL
    SELECT k.id FROM "Key" k JOIN "Secret" s ON s."keyId" = k.id
    GROUP BY k.id HAVING k."lastUsedAt" IS DISTINCT FROM max(s."lastUsedAt")`,

  'a completed request has its whole result, about rows that exist': `
    SELECT encode(r.digest, 'hex') FROM "IdempotencyRecord" r
    WHERE r.answer IS NULL OR (r.sealed IS NOT NULL AND r."secretId" IS NULL)
      OR (r.answer ? 'keyId' AND NOT EXISTS (SELECT FROM "Key" k WHERE k.id = r.answer->>'keyId'))
      OR (r."secretId" IS NOT NULL AND NOT EXISTS (SELECT FROM "Secret" s WHERE s.id = r."secretId")
                                   AND NOT EXISTS (SELECT FROM "Invitation" i WHERE i.id = r."secretId")
                                   AND NOT EXISTS (SELECT FROM "Webhook" w WHERE w.id = r."secretId"))`,

  'a webhook was created by one event, and has its secrets until its end is recorded': `
    SELECT w.id FROM "Webhook" w LEFT JOIN "Event" e ON e.data->>'webhookId' = w.id AND e.type = 'WEBHOOK_CREATED'
    GROUP BY w.id HAVING count(e.*) <> 1
    UNION ALL
    SELECT w.id FROM "Webhook" w LEFT JOIN "Event" e ON e.data->>'webhookId' = w.id AND e.type = 'WEBHOOK_ENDED'
    GROUP BY w.id HAVING count(e.*) <> CASE WHEN w."endedAt" IS NULL THEN 0 ELSE 1 END
    UNION ALL
    SELECT w.id FROM "Webhook" w LEFT JOIN "WebhookSecret" s ON s."webhookId" = w.id AND s."retiresAt" IS NULL
    GROUP BY w.id HAVING count(s.*) <> CASE WHEN w."endedAt" IS NULL THEN 1 ELSE 0 END`,

  'a webhook is paused exactly if its last event says so': `
    SELECT w.id FROM "Webhook" w LEFT JOIN LATERAL (
      SELECT type FROM "Event" e WHERE e.data->>'webhookId' = w.id
        AND type IN ('WEBHOOK_PAUSED', 'WEBHOOK_RESUMED', 'WEBHOOK_ENDED') ORDER BY position DESC LIMIT 1
    ) last ON true
    WHERE (w.state = 'PAUSED') <> (last.type IS NOT DISTINCT FROM 'WEBHOOK_PAUSED')`,

  'an account was created once, and is disabled exactly if the events record it': `
    SELECT a.id FROM "Account" a LEFT JOIN "Event" e ON e."ownerId" = a.id AND e.type = 'ACCOUNT_CREATED'
    GROUP BY a.id HAVING count(e.*) <> 1
    UNION ALL
    SELECT a.id FROM "Account" a LEFT JOIN "Event" e ON e."ownerId" = a.id AND e.type IN ('ACCOUNT_DISABLED', 'ACCOUNT_ENABLED')
    GROUP BY a.id HAVING count(*) FILTER (WHERE e.type = 'ACCOUNT_DISABLED')
      - count(*) FILTER (WHERE e.type = 'ACCOUNT_ENABLED') <> CASE WHEN a."disabledAt" IS NULL THEN 0 ELSE 1 END`,

  'a session was opened by one event and ended by one': `
    SELECT s.id FROM "Session" s LEFT JOIN "Event" e ON e.type = 'ACCOUNT_SIGNED_IN' AND e.data->>'sessionId' = s.id
    GROUP BY s.id HAVING count(e.*) <> 1
    UNION ALL
    SELECT s.id FROM "Session" s WHERE s."endedAt" IS NOT NULL AND NOT EXISTS (
      SELECT FROM "Event" e WHERE e."ownerId" = s."accountId" AND e.at = s."endedAt"
        AND (e.data->>'sessionId' = s.id OR e.type IN ('ACCOUNT_PASSWORD_CHANGED', 'ACCOUNT_DISABLED')))
    UNION ALL
    SELECT a.id FROM "Account" a LEFT JOIN "Event" e ON e."ownerId" = a.id AND e.type = 'ACCOUNT_SIGNED_IN'
    GROUP BY a.id HAVING a."lastSignInAt" IS DISTINCT FROM max(e.at)
    UNION ALL
    -- The row of one that is long over is taken away.
    SELECT e.id FROM "Event" e WHERE e.type = 'ACCOUNT_SIGNED_IN'
      AND e.at > (SELECT max("recordedAt") FROM "Event") - interval '30 days'
      AND NOT EXISTS (SELECT FROM "Session" s WHERE s.id = e.data->>'sessionId')`,

  'a device was decided by one event, and is signed in by a session that exists': `
    SELECT d.id FROM "Device" d LEFT JOIN "Event" e ON e.data->>'deviceId' = d.id
    GROUP BY d.id HAVING count(e.*) FILTER (WHERE e.type = 'ACCOUNT_SIGNED_IN') <> CASE WHEN d."sessionId" IS NULL THEN 0 ELSE 1 END
      OR count(e.*) <> CASE WHEN d."decidedAt" IS NULL THEN 0 ELSE 1 END
    UNION ALL
    SELECT d.id FROM "Device" d LEFT JOIN "Session" s ON s.id = d."sessionId" AND s."accountId" = d."accountId"
    WHERE d."sessionId" IS NOT NULL AND s.id IS NULL`,

  'an invitation was recorded once, and is accepted exactly if it created an account': `
    SELECT i.id FROM "Invitation" i LEFT JOIN "Event" e ON e.data->>'invitationId' = i.id
    GROUP BY i.id HAVING count(*) FILTER (WHERE e.type = 'ACCOUNT_INVITED') <> 1
      OR count(*) FILTER (WHERE e.type = 'ACCOUNT_CREATED') <> CASE WHEN i."acceptedAt" IS NULL THEN 0 ELSE 1 END`,

  'an organization was created once, has an OWNER, and has the members and roles that were last recorded': `
    SELECT o.id FROM "Organization" o LEFT JOIN "Event" e ON e."ownerId" = o.id AND e.type = 'ORGANIZATION_CREATED'
    GROUP BY o.id HAVING count(e.*) <> 1
    UNION ALL
    SELECT o.id FROM "Organization" o WHERE NOT EXISTS (
      SELECT FROM "Membership" m WHERE m."organizationId" = o.id AND m.role = 'OWNER')
    UNION ALL
    SELECT coalesce(recorded."organizationId", m."organizationId") FROM (
      SELECT DISTINCT ON (1, 2) * FROM (
        SELECT e."ownerId" AS "organizationId", data->>'accountId' AS "accountId",
               coalesce(data->>'role', data->>'to') AS role, position
        FROM "Event" e WHERE type IN ('ORGANIZATION_CREATED', 'ORGANIZATION_MEMBER_CHANGED')
        UNION ALL
        SELECT data->>'organizationId', "ownerId", data->>'role', position
        FROM "Event" e WHERE type = 'ACCOUNT_CREATED' AND data->>'organizationId' IS NOT NULL
      ) every_time ORDER BY 1, 2, position DESC
    ) recorded FULL JOIN "Membership" m USING ("organizationId", "accountId")
    WHERE recorded.role IS DISTINCT FROM m.role::text`,

  'a realm was created once, and has the catalogue that was last recorded': `
    SELECT r.id FROM "Realm" r LEFT JOIN "Event" e ON e."realmId" = r.id AND e.type = 'REALM_CREATED'
    GROUP BY r.id HAVING count(e.*) <> 1
    UNION ALL
    SELECT a.id FROM "Action" a JOIN LATERAL (
      SELECT type FROM "Event" e WHERE e."realmId" = a."realmId" AND e.data->>'name' = a.name
        AND type IN ('ACTION_DEFINED', 'ACTION_RETIRED') ORDER BY position DESC LIMIT 1
    ) last ON true
    WHERE (a."retiredAt" IS NOT NULL) <> (last.type = 'ACTION_RETIRED')`,
};

/** Expects that all of them hold. */
export async function expectInvariants(client: Client): Promise<void> {
  expect(await invariantsBroken(client)).toEqual({});
}

/** The sentences that do not hold, with some of what breaks each. */
export async function invariantsBroken(client: Client): Promise<Readonly<Record<string, readonly unknown[]>>> {
  const broken: Record<string, unknown[]> = {};
  for (const [sentence, statement] of Object.entries(invariants)) {
    const { rows } = await client.query(statement);
    if (rows.length > 0) broken[sentence] = rows.slice(0, 5);
  }
  return broken;
}
