-- CreateEnum
CREATE TYPE "OperationState" AS ENUM ('AWAITING_APPROVAL', 'RUNNING', 'PAUSED', 'STOPPED', 'DONE', 'UNDONE');

-- CreateEnum
CREATE TYPE "OperationKeyState" AS ENUM ('WAITING', 'DONE', 'FAILED', 'SKIPPED', 'UNDONE', 'UNDO_FAILED');

-- AlterTable
ALTER TABLE "Hold" ADD COLUMN     "operationId" TEXT;

-- CreateTable
CREATE TABLE "ChangePreview" (
    "id" TEXT NOT NULL,
    "digest" BYTEA NOT NULL,
    "accountId" TEXT NOT NULL,
    "inputDigest" BYTEA NOT NULL,
    "keyIds" TEXT[],
    "createdAt" TIMESTAMPTZ(3) NOT NULL,
    "expiresAt" TIMESTAMPTZ(3) NOT NULL,
    "usedAt" TIMESTAMPTZ(3),

    CONSTRAINT "ChangePreview_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Operation" (
    "id" TEXT NOT NULL,
    "realmId" TEXT NOT NULL,
    "organizationId" TEXT,
    "kind" TEXT NOT NULL,
    "change" JSONB NOT NULL,
    "filter" JSONB NOT NULL,
    "state" "OperationState" NOT NULL,
    "reason" TEXT NOT NULL,
    "accountId" TEXT NOT NULL,
    "accountName" TEXT NOT NULL,
    "actingId" TEXT NOT NULL,
    "approvedById" TEXT,
    "approvedByName" TEXT,
    "approvedAt" TIMESTAMPTZ(3),
    "startedAt" TIMESTAMPTZ(3) NOT NULL,
    "endedAt" TIMESTAMPTZ(3),
    "workedAt" TIMESTAMPTZ(3),
    "isUndoing" BOOLEAN NOT NULL DEFAULT false,
    "total" INTEGER NOT NULL,
    "done" INTEGER NOT NULL DEFAULT 0,
    "failed" INTEGER NOT NULL DEFAULT 0,
    "skipped" INTEGER NOT NULL DEFAULT 0,
    "undone" INTEGER NOT NULL DEFAULT 0,
    "newlyMatched" INTEGER NOT NULL DEFAULT 0,

    CONSTRAINT "Operation_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "OperationKey" (
    "operationId" TEXT NOT NULL,
    "keyId" TEXT NOT NULL,
    "state" "OperationKeyState" NOT NULL DEFAULT 'WAITING',
    "code" TEXT,
    "message" TEXT,
    "before" JSONB,
    "changedAt" TIMESTAMPTZ(3),

    CONSTRAINT "OperationKey_pkey" PRIMARY KEY ("operationId","keyId")
);

-- CreateIndex
CREATE UNIQUE INDEX "ChangePreview_digest_key" ON "ChangePreview"("digest");

-- CreateIndex
CREATE INDEX "ChangePreview_expiresAt_idx" ON "ChangePreview"("expiresAt");

-- CreateIndex
CREATE INDEX "Operation_realmId_startedAt_id_idx" ON "Operation"("realmId", "startedAt", "id");

-- CreateIndex
CREATE INDEX "Operation_state_workedAt_idx" ON "Operation"("state", "workedAt");

-- CreateIndex
CREATE INDEX "Operation_accountId_startedAt_idx" ON "Operation"("accountId", "startedAt");

-- CreateIndex
CREATE INDEX "OperationKey_operationId_state_keyId_idx" ON "OperationKey"("operationId", "state", "keyId");

-- AddForeignKey
ALTER TABLE "Operation" ADD CONSTRAINT "Operation_realmId_fkey" FOREIGN KEY ("realmId") REFERENCES "Realm"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Operation" ADD CONSTRAINT "Operation_organizationId_fkey" FOREIGN KEY ("organizationId") REFERENCES "Organization"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "OperationKey" ADD CONSTRAINT "OperationKey_operationId_fkey" FOREIGN KEY ("operationId") REFERENCES "Operation"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "OperationKey" ADD CONSTRAINT "OperationKey_keyId_fkey" FOREIGN KEY ("keyId") REFERENCES "Key"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- By hand: what schema.prisma cannot say.

-- Every key counts once. What was undone had been done.
ALTER TABLE "Operation" ADD CONSTRAINT "Operation_counts_check"
  CHECK (least(done, failed, skipped, undone, "newlyMatched") >= 0 AND done + failed + skipped <= total AND undone <= done);
ALTER TABLE "Operation" ADD CONSTRAINT "Operation_ended_check"
  CHECK ((state IN ('STOPPED', 'DONE', 'UNDONE')) = ("endedAt" IS NOT NULL));
