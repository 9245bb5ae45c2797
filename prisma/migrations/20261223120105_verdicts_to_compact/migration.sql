-- keytide:transaction=false
-- Finds the rows that are still to be stored in the compact format.
CREATE INDEX CONCURRENTLY IF NOT EXISTS "Judgement_toCompact_idx" ON "Judgement" ("keyId") WHERE compact IS NULL;
