-- CreateEnum
CREATE TYPE "BindingMode" AS ENUM ('ENFORCED', 'SHADOW', 'PAUSED');

-- CreateEnum
CREATE TYPE "BindingHealth" AS ENUM ('WORKING', 'BROKEN');

-- CreateEnum
CREATE TYPE "BrakeState" AS ENUM ('ENGAGED', 'RELEASED', 'CANCELLED');

-- AlterTable
ALTER TABLE "Account" ADD COLUMN     "emailVerifiedAt" TIMESTAMPTZ(3);

-- AlterTable
ALTER TABLE "Key" ADD COLUMN     "renewalCount" INTEGER NOT NULL DEFAULT 0,
ADD COLUMN     "renewalDueAt" TIMESTAMPTZ(3),
ADD COLUMN     "renewedAt" TIMESTAMPTZ(3);

-- AlterTable
ALTER TABLE "Realm" ADD COLUMN     "longestShiftMs" BIGINT NOT NULL DEFAULT 1209600000;

-- CreateTable
CREATE TABLE "Freeze" (
    "realmId" TEXT NOT NULL,
    "from" TIMESTAMPTZ(3) NOT NULL,
    "to" TIMESTAMPTZ(3) NOT NULL,
    "reason" TEXT NOT NULL,

    CONSTRAINT "Freeze_pkey" PRIMARY KEY ("realmId","from","to")
);

-- CreateTable
CREATE TABLE "Judgement" (
    "keyId" TEXT NOT NULL,
    "verdicts" JSONB NOT NULL,
    "judgedAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "Judgement_pkey" PRIMARY KEY ("keyId")
);

-- CreateTable
CREATE TABLE "UseDays" (
    "keyId" TEXT NOT NULL,
    "days" INTEGER[],

    CONSTRAINT "UseDays_pkey" PRIMARY KEY ("keyId")
);

-- CreateTable
CREATE TABLE "Binding" (
    "id" TEXT NOT NULL,
    "realmId" TEXT NOT NULL,
    "policy" TEXT NOT NULL,
    "hash" TEXT NOT NULL,
    "title" TEXT NOT NULL,
    "followsModule" BOOLEAN NOT NULL DEFAULT false,
    "config" JSONB NOT NULL,
    "mode" "BindingMode" NOT NULL,
    "selector" JSONB,
    "noticeMs" BIGINT NOT NULL,
    "reason" TEXT,
    "revision" INTEGER NOT NULL DEFAULT 1,
    "effectiveAt" TIMESTAMPTZ(3) NOT NULL,
    "isAnnounced" BOOLEAN NOT NULL DEFAULT false,
    "before" JSONB,
    "createdAt" TIMESTAMPTZ(3) NOT NULL,
    "changedAt" TIMESTAMPTZ(3) NOT NULL,
    "unboundAt" TIMESTAMPTZ(3),
    "health" "BindingHealth" NOT NULL DEFAULT 'WORKING',
    "brokenAt" TIMESTAMPTZ(3),
    "fault" JSONB,
    "retryAt" TIMESTAMPTZ(3),
    "lastBounds" JSONB,
    "budget" INTEGER,
    "budgetUsed" INTEGER NOT NULL DEFAULT 0,
    "sweepCursor" TEXT,
    "sweepTotal" INTEGER NOT NULL DEFAULT 0,
    "sweepDone" INTEGER NOT NULL DEFAULT 0,
    "sweepSilent" INTEGER NOT NULL DEFAULT 0,
    "sweepNumber" INTEGER NOT NULL DEFAULT 0,

    CONSTRAINT "Binding_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Node" (
    "id" TEXT NOT NULL,
    "seenAt" TIMESTAMPTZ(3) NOT NULL,
    "hashes" TEXT[],
    "current" TEXT[],

    CONSTRAINT "Node_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Brake" (
    "id" TEXT NOT NULL,
    "realmId" TEXT NOT NULL,
    "bindingId" TEXT NOT NULL,
    "revision" INTEGER NOT NULL,
    "hash" TEXT NOT NULL,
    "state" "BrakeState" NOT NULL,
    "engagedAt" TIMESTAMPTZ(3) NOT NULL,
    "endedAt" TIMESTAMPTZ(3),
    "passed" INTEGER NOT NULL DEFAULT 0,
    "allowance" INTEGER NOT NULL DEFAULT 0,

    CONSTRAINT "Brake_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "WaitingStop" (
    "keyId" TEXT NOT NULL,
    "brakeId" TEXT NOT NULL,
    "from" TIMESTAMPTZ(3),
    "to" TIMESTAMPTZ(3) NOT NULL,
    "reason" JSONB NOT NULL,
    "since" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "WaitingStop_pkey" PRIMARY KEY ("keyId")
);

-- CreateTable
CREATE TABLE "Nearing" (
    "realmId" TEXT NOT NULL,
    "cause" TEXT NOT NULL,
    "minute" TIMESTAMPTZ(3) NOT NULL,
    "count" INTEGER NOT NULL,

    CONSTRAINT "Nearing_pkey" PRIMARY KEY ("realmId","cause","minute")
);

-- CreateIndex
CREATE INDEX "Binding_realmId_idx" ON "Binding"("realmId");

-- CreateIndex
CREATE INDEX "Brake_realmId_idx" ON "Brake"("realmId");

-- CreateIndex
CREATE INDEX "WaitingStop_brakeId_idx" ON "WaitingStop"("brakeId");

-- CreateIndex
CREATE INDEX "Key_realmId_id_idx" ON "Key"("realmId", "id");

-- AddForeignKey
ALTER TABLE "Freeze" ADD CONSTRAINT "Freeze_realmId_fkey" FOREIGN KEY ("realmId") REFERENCES "Realm"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Judgement" ADD CONSTRAINT "Judgement_keyId_fkey" FOREIGN KEY ("keyId") REFERENCES "Key"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "UseDays" ADD CONSTRAINT "UseDays_keyId_fkey" FOREIGN KEY ("keyId") REFERENCES "Key"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Binding" ADD CONSTRAINT "Binding_realmId_fkey" FOREIGN KEY ("realmId") REFERENCES "Realm"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Brake" ADD CONSTRAINT "Brake_realmId_fkey" FOREIGN KEY ("realmId") REFERENCES "Realm"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Brake" ADD CONSTRAINT "Brake_bindingId_fkey" FOREIGN KEY ("bindingId") REFERENCES "Binding"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "WaitingStop" ADD CONSTRAINT "WaitingStop_keyId_fkey" FOREIGN KEY ("keyId") REFERENCES "Key"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "WaitingStop" ADD CONSTRAINT "WaitingStop_brakeId_fkey" FOREIGN KEY ("brakeId") REFERENCES "Brake"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- By hand: what schema.prisma cannot say.
