-- keytide:transaction=false
-- Finds the keys that a portal session issued (KeyFilter.issuedBy). Most keys were issued by none.
CREATE INDEX CONCURRENTLY IF NOT EXISTS "Key_portalSessionId_idx" ON "Key" ("portalSessionId") WHERE "portalSessionId" IS NOT NULL;
