-- keytide:transaction=false
-- Finds the notices that could not be delivered, and the rotations that are stalled (Query.problems). Both are few.
CREATE INDEX CONCURRENTLY IF NOT EXISTS "Notice_failedAt_idx" ON "Notice" ("failedAt") WHERE "failedAt" IS NOT NULL AND "deliveredAt" IS NULL;
CREATE INDEX CONCURRENTLY IF NOT EXISTS "Key_rotationExtended_idx" ON "Key" ("rotationStartedAt") WHERE "rotationExtended";
