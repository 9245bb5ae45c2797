-- AlterTable
ALTER TABLE "Key" ADD COLUMN     "bindsAt" TIMESTAMPTZ(3);

-- CreateTable
CREATE TABLE "KeyImport" (
    "keyId" TEXT NOT NULL,
    "realmId" TEXT NOT NULL,
    "source" TEXT,
    "externalKeyId" TEXT,
    "rowDigest" BYTEA NOT NULL,
    "importedAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "KeyImport_pkey" PRIMARY KEY ("keyId")
);

-- CreateIndex
CREATE UNIQUE INDEX "KeyImport_realmId_source_externalKeyId_key" ON "KeyImport"("realmId", "source", "externalKeyId");

-- AddForeignKey
ALTER TABLE "KeyImport" ADD CONSTRAINT "KeyImport_keyId_fkey" FOREIGN KEY ("keyId") REFERENCES "Key"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
