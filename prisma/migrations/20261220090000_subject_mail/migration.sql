-- AlterTable
ALTER TABLE "Realm" ADD COLUMN     "subjectMailName" TEXT,
ADD COLUMN     "subjectMailReplyTo" TEXT;

-- AlterTable
ALTER TABLE "Subject" ADD COLUMN     "noticesByMail" BOOLEAN NOT NULL DEFAULT true;

-- CreateTable
CREATE TABLE "SubjectNotice" (
    "keyId" TEXT NOT NULL,
    "stopsAt" TIMESTAMPTZ(3) NOT NULL,
    "thresholdMs" BIGINT NOT NULL,
    "subjectId" TEXT NOT NULL,
    "addedAt" TIMESTAMPTZ(3) NOT NULL,
    "dueAt" TIMESTAMPTZ(3),
    "mailId" TEXT,
    "failedAt" TIMESTAMPTZ(3),

    CONSTRAINT "SubjectNotice_pkey" PRIMARY KEY ("keyId","stopsAt","thresholdMs")
);

-- CreateTable
CREATE TABLE "SubjectMail" (
    "id" TEXT NOT NULL,
    "subjectId" TEXT NOT NULL,
    "messageId" TEXT NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL,
    "tryAt" TIMESTAMPTZ(3),
    "attemptCount" INTEGER NOT NULL DEFAULT 0,
    "countedDay" INTEGER,
    "countedDigest" BYTEA,
    "lease" TEXT,
    "leasedUntil" TIMESTAMPTZ(3),
    "sentAt" TIMESTAMPTZ(3),
    "failedAt" TIMESTAMPTZ(3),

    CONSTRAINT "SubjectMail_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "EndedAddress" (
    "realmId" TEXT NOT NULL,
    "digest" BYTEA NOT NULL,
    "endedAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "EndedAddress_pkey" PRIMARY KEY ("realmId","digest")
);

-- CreateTable
CREATE TABLE "AddressDay" (
    "digest" BYTEA NOT NULL,
    "day" INTEGER NOT NULL,
    "count" INTEGER NOT NULL,

    CONSTRAINT "AddressDay_pkey" PRIMARY KEY ("digest","day")
);

-- CreateIndex
CREATE INDEX "SubjectNotice_dueAt_idx" ON "SubjectNotice"("dueAt");

-- CreateIndex
CREATE INDEX "SubjectNotice_subjectId_idx" ON "SubjectNotice"("subjectId");

-- CreateIndex
CREATE INDEX "SubjectNotice_mailId_idx" ON "SubjectNotice"("mailId");

-- CreateIndex
CREATE INDEX "SubjectMail_tryAt_idx" ON "SubjectMail"("tryAt");

-- CreateIndex
CREATE INDEX "SubjectMail_subjectId_createdAt_idx" ON "SubjectMail"("subjectId", "createdAt");

-- CreateIndex
CREATE INDEX "AddressDay_day_idx" ON "AddressDay"("day");

-- AddForeignKey
ALTER TABLE "SubjectNotice" ADD CONSTRAINT "SubjectNotice_keyId_stopsAt_thresholdMs_fkey" FOREIGN KEY ("keyId", "stopsAt", "thresholdMs") REFERENCES "Notice"("keyId", "stopsAt", "thresholdMs") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "SubjectNotice" ADD CONSTRAINT "SubjectNotice_subjectId_fkey" FOREIGN KEY ("subjectId") REFERENCES "Subject"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "SubjectNotice" ADD CONSTRAINT "SubjectNotice_mailId_fkey" FOREIGN KEY ("mailId") REFERENCES "SubjectMail"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "SubjectMail" ADD CONSTRAINT "SubjectMail_subjectId_fkey" FOREIGN KEY ("subjectId") REFERENCES "Subject"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
