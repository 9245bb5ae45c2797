-- keytide:transaction=false
CREATE INDEX CONCURRENTLY IF NOT EXISTS "Key_subjectId_createdAt_id_idx" ON "Key" ("subjectId", "createdAt", id);
