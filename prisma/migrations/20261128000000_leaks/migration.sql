-- CreateEnum
CREATE TYPE "LeakResponse" AS ENUM ('HOLD', 'REVOKE');

-- CreateEnum
CREATE TYPE "LeakOutcome" AS ENUM ('HELD', 'REVOKED', 'RETIRED');

-- AlterEnum
ALTER TYPE "HoldSource" ADD VALUE 'LEAK';

-- AlterTable
ALTER TABLE "Realm" ADD COLUMN     "leakResponse" "LeakResponse" NOT NULL DEFAULT 'HOLD';

-- CreateTable
CREATE TABLE "Leak" (
    "secretId" TEXT NOT NULL,
    "ownerId" TEXT NOT NULL,
    "reportedBy" TEXT NOT NULL,
    "url" TEXT,
    "foundIn" TEXT,
    "reportedAt" TIMESTAMPTZ(3) NOT NULL,
    "outcome" "LeakOutcome" NOT NULL,
    "mailAt" TIMESTAMPTZ(3),

    CONSTRAINT "Leak_pkey" PRIMARY KEY ("secretId")
);

-- CreateTable
CREATE TABLE "LeakMail" (
    "secretId" TEXT NOT NULL,
    "accountId" TEXT NOT NULL,
    "addedAt" TIMESTAMPTZ(3) NOT NULL,
    "digestId" TEXT,
    "failedAt" TIMESTAMPTZ(3),

    CONSTRAINT "LeakMail_pkey" PRIMARY KEY ("secretId","accountId")
);

-- CreateIndex
CREATE INDEX "LeakMail_accountId_idx" ON "LeakMail"("accountId");

-- CreateIndex
CREATE INDEX "LeakMail_digestId_idx" ON "LeakMail"("digestId");

-- AddForeignKey
ALTER TABLE "Leak" ADD CONSTRAINT "Leak_secretId_fkey" FOREIGN KEY ("secretId") REFERENCES "Secret"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "LeakMail" ADD CONSTRAINT "LeakMail_secretId_fkey" FOREIGN KEY ("secretId") REFERENCES "Leak"("secretId") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "LeakMail" ADD CONSTRAINT "LeakMail_accountId_fkey" FOREIGN KEY ("accountId") REFERENCES "Account"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "LeakMail" ADD CONSTRAINT "LeakMail_digestId_fkey" FOREIGN KEY ("digestId") REFERENCES "Digest"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- By hand: what schema.prisma cannot say.

-- Few leaks wait to be seen to.
CREATE INDEX "Leak_mailAt_idx" ON "Leak"("mailAt") WHERE "mailAt" IS NOT NULL;
