-- AlterTable
ALTER TABLE "Account" ADD COLUMN     "noticesByMail" BOOLEAN NOT NULL DEFAULT true;

-- AlterTable
ALTER TABLE "Key" ADD COLUMN     "movedOutAt" TIMESTAMPTZ(3),
ADD COLUMN     "movedOutMs" BIGINT;

-- AlterTable
ALTER TABLE "Notice" ADD COLUMN     "deliveredAt" TIMESTAMPTZ(3),
ADD COLUMN     "failedAt" TIMESTAMPTZ(3),
ADD COLUMN     "isOwed" BOOLEAN NOT NULL DEFAULT false,
ADD COLUMN     "mailAt" TIMESTAMPTZ(3),
ADD COLUMN     "rung" INTEGER NOT NULL DEFAULT 0;

-- CreateTable
CREATE TABLE "NoticeMail" (
    "keyId" TEXT NOT NULL,
    "stopsAt" TIMESTAMPTZ(3) NOT NULL,
    "thresholdMs" BIGINT NOT NULL,
    "accountId" TEXT NOT NULL,
    "ownerId" TEXT NOT NULL,
    "rung" INTEGER NOT NULL,
    "addedAt" TIMESTAMPTZ(3) NOT NULL,
    "digestId" TEXT,
    "failedAt" TIMESTAMPTZ(3),

    CONSTRAINT "NoticeMail_pkey" PRIMARY KEY ("keyId","stopsAt","thresholdMs","accountId")
);

-- CreateTable
CREATE TABLE "Mailbox" (
    "accountId" TEXT NOT NULL,
    "lastDigestAt" TIMESTAMPTZ(3),
    "dueAt" TIMESTAMPTZ(3),

    CONSTRAINT "Mailbox_pkey" PRIMARY KEY ("accountId")
);

-- CreateTable
CREATE TABLE "Digest" (
    "id" TEXT NOT NULL,
    "accountId" TEXT NOT NULL,
    "messageId" TEXT NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL,
    "attemptCount" INTEGER NOT NULL DEFAULT 0,
    "tryAt" TIMESTAMPTZ(3),
    "leasedUntil" TIMESTAMPTZ(3),
    "lease" TEXT,
    "sentAt" TIMESTAMPTZ(3),
    "failedAt" TIMESTAMPTZ(3),

    CONSTRAINT "Digest_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "NoticeMail_accountId_idx" ON "NoticeMail"("accountId");

-- CreateIndex
CREATE INDEX "NoticeMail_digestId_idx" ON "NoticeMail"("digestId");

-- CreateIndex
CREATE INDEX "Mailbox_dueAt_idx" ON "Mailbox"("dueAt");

-- CreateIndex
CREATE INDEX "Digest_accountId_idx" ON "Digest"("accountId");

-- CreateIndex
CREATE INDEX "Digest_tryAt_idx" ON "Digest"("tryAt");

-- AddForeignKey
ALTER TABLE "NoticeMail" ADD CONSTRAINT "NoticeMail_keyId_stopsAt_thresholdMs_fkey" FOREIGN KEY ("keyId", "stopsAt", "thresholdMs") REFERENCES "Notice"("keyId", "stopsAt", "thresholdMs") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "NoticeMail" ADD CONSTRAINT "NoticeMail_accountId_fkey" FOREIGN KEY ("accountId") REFERENCES "Account"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "NoticeMail" ADD CONSTRAINT "NoticeMail_digestId_fkey" FOREIGN KEY ("digestId") REFERENCES "Digest"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Mailbox" ADD CONSTRAINT "Mailbox_accountId_fkey" FOREIGN KEY ("accountId") REFERENCES "Account"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Digest" ADD CONSTRAINT "Digest_accountId_fkey" FOREIGN KEY ("accountId") REFERENCES "Account"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- By hand: what schema.prisma cannot say.

-- Few notices wait to be seen to; those that were are many.
CREATE INDEX "Notice_mailAt_idx" ON "Notice"("mailAt") WHERE "mailAt" IS NOT NULL;
