-- AlterTable
ALTER TABLE "LogHead" ADD COLUMN     "copiedAt" TIMESTAMPTZ(3),
ADD COLUMN     "copiedTo" BIGINT NOT NULL DEFAULT 1,
ADD COLUMN     "oldest" BIGINT NOT NULL DEFAULT 1;

-- CreateTable
CREATE TABLE "KeyHistory" (
    "position" BIGINT NOT NULL,
    "id" TEXT NOT NULL,
    "type" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "recordedAt" TIMESTAMPTZ(3) NOT NULL,
    "keyId" TEXT NOT NULL,
    "realmId" TEXT,
    "ownerId" TEXT,
    "actorKind" TEXT NOT NULL,
    "actorId" TEXT,
    "actorName" TEXT,
    "reason" TEXT,
    "data" JSONB NOT NULL,

    CONSTRAINT "KeyHistory_pkey" PRIMARY KEY ("position")
);

-- CreateIndex
CREATE UNIQUE INDEX "KeyHistory_id_key" ON "KeyHistory"("id");

-- CreateIndex
CREATE INDEX "KeyHistory_keyId_position_idx" ON "KeyHistory"("keyId", "position");

-- By hand: what schema.prisma cannot say.

-- The log becomes the first partition of a table that lies in partitions by position. Its rows stay where they are: it is
-- read once, for the new indexes and to see that all positions are within its bounds.
ALTER TABLE "Event" DROP CONSTRAINT "Event_keyId_fkey";
DROP INDEX "Event_id_key";
ALTER TABLE "Event" RENAME TO "Event_1";
ALTER INDEX "Event_pkey" RENAME TO "Event_1_pkey";
ALTER INDEX "Event_keyId_position_idx" RENAME TO "Event_1_keyId_position_idx";
ALTER INDEX "Event_ownerId_position_idx" RENAME TO "Event_1_ownerId_position_idx";

CREATE TABLE "Event" (LIKE "Event_1") PARTITION BY RANGE ("position");
ALTER TABLE "Event" ADD CONSTRAINT "Event_pkey" PRIMARY KEY ("position");
CREATE UNIQUE INDEX "Event_id_position_key" ON "Event"("id", "position");
CREATE INDEX "Event_keyId_position_idx" ON "Event"("keyId", "position");
CREATE INDEX "Event_ownerId_position_idx" ON "Event"("ownerId", "position");
CREATE INDEX "Event_ownerId_type_position_idx" ON "Event"("ownerId", "type", "position");
CREATE INDEX "Event_realmId_position_idx" ON "Event"("realmId", "position");
CREATE INDEX "Event_realmId_type_position_idx" ON "Event"("realmId", "type", "position");
CREATE INDEX "Event_type_position_idx" ON "Event"("type", "position");

-- Those who gave a key away see that too.
CREATE INDEX "Event_from_position_idx" ON "Event"(("data" -> 'from'), "position") WHERE "type" = 'KEY_TRANSFERRED';

-- What is told of whole realms, and of the gateway.
CREATE INDEX "Event_ofRealms_idx" ON "Event"("position") WHERE "keyId" IS NULL AND "ownerId" IS NULL;

-- It ends at a whole million, with half a million of room at least.
DO $$
DECLARE
  beyond bigint;
BEGIN
  SELECT ((position + 500000) / 1000000 + 1) * 1000000 + 1 INTO beyond FROM "LogHead";
  EXECUTE format('ALTER TABLE "Event" ATTACH PARTITION "Event_1" FOR VALUES FROM (1) TO (%s)', beyond);
END $$;

-- What is kept begins within the log, and what was copied lies before it.
ALTER TABLE "LogHead" ADD CONSTRAINT "LogHead_oldest_check" CHECK ("oldest" BETWEEN 1 AND "position" + 1);
ALTER TABLE "LogHead" ADD CONSTRAINT "LogHead_copiedTo_check" CHECK ("copiedTo" <= "oldest");
