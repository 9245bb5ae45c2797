-- CreateTable
CREATE TABLE "Breakage" (
    "id" TEXT NOT NULL,
    "keyId" TEXT NOT NULL,
    "day" INTEGER NOT NULL,
    "consumer" TEXT NOT NULL,
    "realmId" TEXT NOT NULL,
    "ownerId" TEXT NOT NULL,
    "outcome" TEXT NOT NULL,
    "generation" INTEGER NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "firstUsedAt" TIMESTAMPTZ(3) NOT NULL,
    "lastUsedAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "Breakage_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "Breakage_keyId_day_consumer_key" ON "Breakage"("keyId", "day", "consumer");

-- CreateIndex
CREATE INDEX "Breakage_realmId_at_idx" ON "Breakage"("realmId", "at");

-- CreateIndex
CREATE INDEX "Breakage_day_idx" ON "Breakage"("day");

-- AddForeignKey
ALTER TABLE "Breakage" ADD CONSTRAINT "Breakage_keyId_fkey" FOREIGN KEY ("keyId") REFERENCES "Key"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
