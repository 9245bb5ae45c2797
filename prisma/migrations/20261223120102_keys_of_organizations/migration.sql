-- keytide:transaction=false
-- Finds the keys of an owner. Each key has one kind of owner, so that it is in one of three such indexes.
CREATE INDEX CONCURRENTLY IF NOT EXISTS "Key_ofOrganization_idx" ON "Key" ("organizationId", "createdAt", id) WHERE "organizationId" IS NOT NULL;
