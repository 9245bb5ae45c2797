-- By hand: what schema.prisma cannot say.

-- The keys that made their own last renewal or rotation. In a migration of its own, because the one that adds the column
-- locks the whole table.
UPDATE "Key" SET "isSelfRenewing" = true FROM (
  SELECT DISTINCT ON ("keyId") "keyId", "actorKind" FROM (
    SELECT "keyId", position, "actorKind" FROM "Event" WHERE type IN ('KEY_RENEWED', 'KEY_ROTATION_STARTED')
    UNION ALL
    SELECT "keyId", position, "actorKind" FROM "KeyHistory" WHERE type IN ('KEY_RENEWED', 'KEY_ROTATION_STARTED')
  ) AS renewals ORDER BY "keyId", position DESC
) AS last WHERE last."keyId" = "Key".id AND last."actorKind" = 'KEY';
