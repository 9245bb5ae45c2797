-- CreateTable
CREATE TABLE "Lineage" (
    "id" TEXT NOT NULL,
    "parentId" TEXT,
    "replayedTo" BIGINT,
    "beganAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "Lineage_pkey" PRIMARY KEY ("id")
);

-- By hand: what schema.prisma cannot say.

-- The present history. Accounts are never deleted, so all copies of a database that has accounts have the same first one:
-- also a backup that was made before this migration.
INSERT INTO "Lineage" ("id", "beganAt")
VALUES (
    coalesce((SELECT "id" FROM "Account" ORDER BY "createdAt", "id" LIMIT 1), gen_random_uuid()::text),
    clock_timestamp()
);
