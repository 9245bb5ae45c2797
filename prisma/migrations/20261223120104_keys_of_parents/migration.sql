-- keytide:transaction=false
-- Finds the keys that a key issued. Most keys were issued by none.
CREATE INDEX CONCURRENTLY IF NOT EXISTS "Key_ofParent_idx" ON "Key" ("parentId") WHERE "parentId" IS NOT NULL;
