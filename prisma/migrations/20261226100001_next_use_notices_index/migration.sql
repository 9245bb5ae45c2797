-- keytide:transaction=false
-- Finds the keys that stop before their next use. Few notices are about that.
CREATE INDEX CONCURRENTLY IF NOT EXISTS "Notice_nextUse_idx" ON "Notice" ("stopsAt") WHERE "nextUseFrom" IS NOT NULL;
