-- keytide:transaction=false
-- Finds the keys of the release before for which the log is still to be asked what renewed them.
CREATE INDEX CONCURRENTLY IF NOT EXISTS "Key_toFillSelfRenewing_idx" ON "Key" (id) WHERE "isSelfRenewing" IS NULL;
