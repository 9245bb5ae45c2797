-- AlterTable
ALTER TABLE "Key" ADD COLUMN     "portalSessionId" TEXT;

-- AlterTable
ALTER TABLE "Realm" ADD COLUMN     "portalOrigins" TEXT[] DEFAULT ARRAY[]::TEXT[];

-- CreateTable
CREATE TABLE "PortalSession" (
    "id" TEXT NOT NULL,
    "realmId" TEXT NOT NULL,
    "subjectId" TEXT NOT NULL,
    "managerId" TEXT,
    "managerPosition" BIGINT NOT NULL DEFAULT 0,
    "accountId" TEXT,
    "tokenDigest" BYTEA NOT NULL,
    "codeDigest" BYTEA,
    "sealedToken" BYTEA,
    "may" TEXT[],
    "createdAt" TIMESTAMPTZ(3) NOT NULL,
    "expiresAt" TIMESTAMPTZ(3) NOT NULL,
    "firstUsedAt" TIMESTAMPTZ(3),
    "endedAt" TIMESTAMPTZ(3),

    CONSTRAINT "PortalSession_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "PortalSession_tokenDigest_key" ON "PortalSession"("tokenDigest");

-- CreateIndex
CREATE UNIQUE INDEX "PortalSession_codeDigest_key" ON "PortalSession"("codeDigest");

-- CreateIndex
CREATE INDEX "PortalSession_subjectId_expiresAt_idx" ON "PortalSession"("subjectId", "expiresAt");

-- CreateIndex
CREATE INDEX "PortalSession_expiresAt_idx" ON "PortalSession"("expiresAt");

-- AddForeignKey
ALTER TABLE "PortalSession" ADD CONSTRAINT "PortalSession_realmId_fkey" FOREIGN KEY ("realmId") REFERENCES "Realm"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "PortalSession" ADD CONSTRAINT "PortalSession_subjectId_fkey" FOREIGN KEY ("subjectId") REFERENCES "Subject"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "PortalSession" ADD CONSTRAINT "PortalSession_managerId_fkey" FOREIGN KEY ("managerId") REFERENCES "Key"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- By hand: what schema.prisma cannot say.

-- A session that was made by a key never looks as if an administrator had made it.
ALTER TABLE "PortalSession" ADD CONSTRAINT "PortalSession_maker_check" CHECK (num_nonnulls("managerId", "accountId") = 1);
