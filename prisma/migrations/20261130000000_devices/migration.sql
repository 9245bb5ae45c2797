-- CreateTable
CREATE TABLE "Device" (
    "id" TEXT NOT NULL,
    "digest" BYTEA NOT NULL,
    "userDigest" BYTEA NOT NULL,
    "clientId" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "address" TEXT NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL,
    "expiresAt" TIMESTAMPTZ(3) NOT NULL,
    "polledAt" TIMESTAMPTZ(3),
    "intervalSeconds" INTEGER NOT NULL,
    "decidedAt" TIMESTAMPTZ(3),
    "accountId" TEXT,
    "sessionId" TEXT,
    "takenAt" TIMESTAMPTZ(3),

    CONSTRAINT "Device_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "Device_digest_key" ON "Device"("digest");

-- CreateIndex
CREATE UNIQUE INDEX "Device_userDigest_key" ON "Device"("userDigest");

-- CreateIndex
CREATE INDEX "Device_expiresAt_idx" ON "Device"("expiresAt");

-- CreateIndex
CREATE INDEX "Device_accountId_idx" ON "Device"("accountId");

-- AddForeignKey
ALTER TABLE "Device" ADD CONSTRAINT "Device_accountId_fkey" FOREIGN KEY ("accountId") REFERENCES "Account"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- By hand: what schema.prisma cannot say.

-- Who decided and when are told together; a session is of one that was confirmed; a token is of a session.
ALTER TABLE "Device" ADD CONSTRAINT "Device_decided" CHECK (("decidedAt" IS NULL) = ("accountId" IS NULL));
ALTER TABLE "Device" ADD CONSTRAINT "Device_session" CHECK ("sessionId" IS NULL OR "decidedAt" IS NOT NULL);
ALTER TABLE "Device" ADD CONSTRAINT "Device_taken" CHECK ("takenAt" IS NULL OR "sessionId" IS NOT NULL);
