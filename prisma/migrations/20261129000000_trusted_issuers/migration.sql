-- AlterTable
ALTER TABLE "Key" ADD COLUMN     "tokenRuleId" TEXT;

-- CreateTable
CREATE TABLE "TrustedIssuer" (
    "id" TEXT NOT NULL,
    "realmId" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "url" TEXT NOT NULL,
    "preset" TEXT,
    "audience" TEXT NOT NULL,
    "keySet" JSONB,
    "createdAt" TIMESTAMPTZ(3) NOT NULL,
    "changedAt" TIMESTAMPTZ(3) NOT NULL,
    "distrustedAt" TIMESTAMPTZ(3),

    CONSTRAINT "TrustedIssuer_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "TokenRule" (
    "id" TEXT NOT NULL,
    "issuerId" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "conditions" JSONB NOT NULL,
    "scopes" JSONB NOT NULL,
    "labels" JSONB NOT NULL,
    "claimLabels" JSONB NOT NULL,
    "accountId" TEXT,
    "organizationId" TEXT,
    "createdAt" TIMESTAMPTZ(3) NOT NULL,
    "changedAt" TIMESTAMPTZ(3) NOT NULL,
    "removedAt" TIMESTAMPTZ(3),

    CONSTRAINT "TokenRule_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "UsedToken" (
    "issuer" TEXT NOT NULL,
    "digest" BYTEA NOT NULL,
    "keptUntil" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "UsedToken_pkey" PRIMARY KEY ("issuer","digest")
);

-- CreateIndex
CREATE INDEX "TrustedIssuer_realmId_createdAt_id_idx" ON "TrustedIssuer"("realmId", "createdAt", "id");

-- CreateIndex
CREATE INDEX "TokenRule_issuerId_createdAt_id_idx" ON "TokenRule"("issuerId", "createdAt", "id");

-- CreateIndex
CREATE INDEX "UsedToken_keptUntil_idx" ON "UsedToken"("keptUntil");

-- AddForeignKey
ALTER TABLE "Key" ADD CONSTRAINT "Key_tokenRuleId_fkey" FOREIGN KEY ("tokenRuleId") REFERENCES "TokenRule"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "TrustedIssuer" ADD CONSTRAINT "TrustedIssuer_realmId_fkey" FOREIGN KEY ("realmId") REFERENCES "Realm"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "TokenRule" ADD CONSTRAINT "TokenRule_issuerId_fkey" FOREIGN KEY ("issuerId") REFERENCES "TrustedIssuer"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "TokenRule" ADD CONSTRAINT "TokenRule_accountId_fkey" FOREIGN KEY ("accountId") REFERENCES "Account"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "TokenRule" ADD CONSTRAINT "TokenRule_organizationId_fkey" FOREIGN KEY ("organizationId") REFERENCES "Organization"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- By hand: what schema.prisma cannot say.

-- A token says by its issuer and its audience which realm it is for.
CREATE UNIQUE INDEX "TrustedIssuer_url_audience_key" ON "TrustedIssuer"(url, audience) WHERE "distrustedAt" IS NULL;

ALTER TABLE "TokenRule" ADD CONSTRAINT "TokenRule_owner_check" CHECK (num_nonnulls("accountId", "organizationId") = 1);

-- What was exchanged for a token has an expiry, always.
ALTER TABLE "Key" ADD CONSTRAINT "Key_tokenRule_check" CHECK ("tokenRuleId" IS NULL OR "chosenExpiresAt" IS NOT NULL);
