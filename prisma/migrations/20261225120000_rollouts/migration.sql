-- CreateEnum
CREATE TYPE "RolloutState" AS ENUM ('PROPOSED', 'RUNNING', 'PAUSED', 'INCONCLUSIVE', 'UNDONE', 'DONE');

-- CreateEnum
CREATE TYPE "RolloutChange" AS ENUM ('BIND', 'UPDATE', 'UNBIND');

-- CreateEnum
CREATE TYPE "RolloutAnswerKind" AS ENUM ('COMMENT', 'OBJECT', 'WITHDRAW', 'ENROLL', 'ASK_EXCEPTION');

-- CreateEnum
CREATE TYPE "RolloutExceptionState" AS ENUM ('ASKED', 'GRANTED', 'REFUSED', 'ENDED');

-- CreateTable
CREATE TABLE "Rollout" (
    "id" TEXT NOT NULL,
    "realmId" TEXT NOT NULL,
    "bindingId" TEXT NOT NULL,
    "change" "RolloutChange" NOT NULL,
    "title" TEXT NOT NULL,
    "explanation" TEXT NOT NULL,
    "replacement" TEXT,
    "sealedDigest" TEXT,
    "state" "RolloutState" NOT NULL,
    "revision" INTEGER NOT NULL,
    "before" JSONB,
    "after" JSONB,
    "stages" JSONB NOT NULL,
    "stage" INTEGER NOT NULL DEFAULT 0,
    "stageSince" TIMESTAMPTZ(3) NOT NULL,
    "threshold" DOUBLE PRECISION NOT NULL DEFAULT 0,
    "salt" BYTEA NOT NULL,
    "budgetOwners" INTEGER NOT NULL,
    "budgetShare" DOUBLE PRECISION,
    "budgetSince" TIMESTAMPTZ(3) NOT NULL,
    "brakeBudget" INTEGER NOT NULL,
    "brakeUsed" INTEGER NOT NULL DEFAULT 0,
    "accountId" TEXT NOT NULL,
    "accountName" TEXT NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL,
    "approvedById" TEXT,
    "approvedByName" TEXT,
    "approvedAt" TIMESTAMPTZ(3),
    "inForceSince" TIMESTAMPTZ(3),
    "pausedAt" TIMESTAMPTZ(3),
    "isOverBudget" BOOLEAN NOT NULL DEFAULT false,
    "endedAt" TIMESTAMPTZ(3),
    "exceptionsUntil" TIMESTAMPTZ(3),
    "restoreCursor" TEXT,
    "restoredById" TEXT,
    "restoredByName" TEXT,
    "restoredCount" INTEGER NOT NULL DEFAULT 0,
    "workedAt" TIMESTAMPTZ(3),

    CONSTRAINT "Rollout_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "RolloutOwner" (
    "rolloutId" TEXT NOT NULL,
    "ownerId" TEXT NOT NULL,
    "position" DOUBLE PRECISION,
    "isEnrolled" BOOLEAN NOT NULL DEFAULT false,
    "takesBrownouts" BOOLEAN NOT NULL DEFAULT false,
    "exceptUntil" TIMESTAMPTZ(3),

    CONSTRAINT "RolloutOwner_pkey" PRIMARY KEY ("rolloutId","ownerId")
);

-- CreateTable
CREATE TABLE "RolloutKey" (
    "rolloutId" TEXT NOT NULL,
    "keyId" TEXT NOT NULL,
    "ownerId" TEXT,
    "presentOwnerId" TEXT NOT NULL,
    "isEnrolled" BOOLEAN NOT NULL DEFAULT false,
    "takesBrownouts" BOOLEAN NOT NULL DEFAULT false,
    "exceptUntil" TIMESTAMPTZ(3),

    CONSTRAINT "RolloutKey_pkey" PRIMARY KEY ("rolloutId","keyId")
);

-- CreateTable
CREATE TABLE "RolloutAnswer" (
    "id" TEXT NOT NULL,
    "rolloutId" TEXT NOT NULL,
    "kind" "RolloutAnswerKind" NOT NULL,
    "ownerId" TEXT NOT NULL,
    "text" TEXT,
    "isPublic" BOOLEAN NOT NULL DEFAULT false,
    "keyIds" TEXT[],
    "until" TIMESTAMPTZ(3),
    "takesBrownouts" BOOLEAN NOT NULL DEFAULT false,
    "actorKind" TEXT NOT NULL,
    "actorId" TEXT,
    "actorName" TEXT,
    "createdAt" TIMESTAMPTZ(3) NOT NULL,
    "withdrawnAt" TIMESTAMPTZ(3),
    "reply" TEXT,
    "repliedById" TEXT,
    "repliedByName" TEXT,
    "repliedAt" TIMESTAMPTZ(3),

    CONSTRAINT "RolloutAnswer_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "RolloutException" (
    "id" TEXT NOT NULL,
    "rolloutId" TEXT NOT NULL,
    "answerId" TEXT NOT NULL,
    "ownerId" TEXT NOT NULL,
    "keyIds" TEXT[],
    "until" TIMESTAMPTZ(3) NOT NULL,
    "reason" TEXT NOT NULL,
    "state" "RolloutExceptionState" NOT NULL DEFAULT 'ASKED',
    "createdAt" TIMESTAMPTZ(3) NOT NULL,
    "decidedById" TEXT,
    "decidedByName" TEXT,
    "decidedAt" TIMESTAMPTZ(3),
    "decision" TEXT,
    "endedAt" TIMESTAMPTZ(3),

    CONSTRAINT "RolloutException_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "Rollout_realmId_createdAt_id_idx" ON "Rollout"("realmId", "createdAt", "id");

-- CreateIndex
CREATE INDEX "Rollout_bindingId_idx" ON "Rollout"("bindingId");

-- CreateIndex
CREATE INDEX "Rollout_state_workedAt_idx" ON "Rollout"("state", "workedAt");

-- CreateIndex
CREATE INDEX "RolloutOwner_ownerId_idx" ON "RolloutOwner"("ownerId");

-- CreateIndex
CREATE INDEX "RolloutKey_keyId_idx" ON "RolloutKey"("keyId");

-- CreateIndex
CREATE INDEX "RolloutKey_presentOwnerId_idx" ON "RolloutKey"("presentOwnerId");

-- CreateIndex
CREATE INDEX "RolloutAnswer_rolloutId_createdAt_id_idx" ON "RolloutAnswer"("rolloutId", "createdAt", "id");

-- CreateIndex
CREATE INDEX "RolloutAnswer_rolloutId_ownerId_idx" ON "RolloutAnswer"("rolloutId", "ownerId");

-- CreateIndex
CREATE INDEX "RolloutException_rolloutId_createdAt_id_idx" ON "RolloutException"("rolloutId", "createdAt", "id");

-- CreateIndex
CREATE INDEX "RolloutException_answerId_idx" ON "RolloutException"("answerId");

-- CreateIndex
CREATE INDEX "RolloutException_state_until_idx" ON "RolloutException"("state", "until");

-- AddForeignKey
ALTER TABLE "Rollout" ADD CONSTRAINT "Rollout_realmId_fkey" FOREIGN KEY ("realmId") REFERENCES "Realm"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Rollout" ADD CONSTRAINT "Rollout_bindingId_fkey" FOREIGN KEY ("bindingId") REFERENCES "Binding"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "RolloutOwner" ADD CONSTRAINT "RolloutOwner_rolloutId_fkey" FOREIGN KEY ("rolloutId") REFERENCES "Rollout"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "RolloutKey" ADD CONSTRAINT "RolloutKey_rolloutId_fkey" FOREIGN KEY ("rolloutId") REFERENCES "Rollout"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "RolloutKey" ADD CONSTRAINT "RolloutKey_keyId_fkey" FOREIGN KEY ("keyId") REFERENCES "Key"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "RolloutAnswer" ADD CONSTRAINT "RolloutAnswer_rolloutId_fkey" FOREIGN KEY ("rolloutId") REFERENCES "Rollout"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "RolloutException" ADD CONSTRAINT "RolloutException_rolloutId_fkey" FOREIGN KEY ("rolloutId") REFERENCES "Rollout"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "RolloutException" ADD CONSTRAINT "RolloutException_answerId_fkey" FOREIGN KEY ("answerId") REFERENCES "RolloutAnswer"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- By hand: what schema.prisma cannot say.
ALTER TABLE "Rollout" ADD CONSTRAINT "Rollout_threshold_check" CHECK ("threshold" BETWEEN 0 AND 1);
ALTER TABLE "Rollout" ADD CONSTRAINT "Rollout_ended_check" CHECK ((state IN ('UNDONE', 'DONE')) = ("endedAt" IS NOT NULL));
-- A binding has at most one open rollout.
CREATE UNIQUE INDEX "Rollout_bindingId_open_key" ON "Rollout"("bindingId") WHERE "endedAt" IS NULL;
