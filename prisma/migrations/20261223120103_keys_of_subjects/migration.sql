-- keytide:transaction=false
-- Finds the keys of an owner. Each key has one kind of owner, so that it is in one of three such indexes.
CREATE INDEX CONCURRENTLY IF NOT EXISTS "Key_ofSubject_idx" ON "Key" ("subjectId", "createdAt", id) WHERE "subjectId" IS NOT NULL;
