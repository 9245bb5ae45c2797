-- DropIndex
DROP INDEX "Key_accountId_createdAt_id_idx";

-- DropIndex
DROP INDEX "Key_organizationId_createdAt_id_idx";

-- DropIndex
DROP INDEX "Key_subjectId_createdAt_id_idx";

-- DropIndex
DROP INDEX "Key_parentId_idx";
