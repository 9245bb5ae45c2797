-- CreateTable
CREATE TABLE "UseMonth" (
    "keyId" TEXT NOT NULL,
    "month" INTEGER NOT NULL,
    "counts" BIGINT[],

    CONSTRAINT "UseMonth_pkey" PRIMARY KEY ("keyId", "month")
);

-- CreateTable
CREATE TABLE "Refusal" (
    "keyId" TEXT NOT NULL,
    "day" INTEGER NOT NULL,
    "outcome" TEXT NOT NULL,
    "generation" INTEGER NOT NULL,
    "heldByPolicy" BOOLEAN NOT NULL,
    "consumer" TEXT NOT NULL,
    "count" BIGINT NOT NULL,
    "firstAt" TIMESTAMPTZ(3) NOT NULL,
    "lastAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "Refusal_pkey" PRIMARY KEY ("keyId", "day", "outcome", "generation", "heldByPolicy", "consumer")
);

-- CreateTable
CREATE TABLE "RealmUsage" (
    "realmId" TEXT NOT NULL,
    "day" INTEGER NOT NULL,
    "outcome" TEXT NOT NULL,
    "count" BIGINT NOT NULL,

    CONSTRAINT "RealmUsage_pkey" PRIMARY KEY ("realmId", "day", "outcome")
);

-- CreateIndex
CREATE INDEX "UseMonth_month_idx" ON "UseMonth"("month");

-- CreateIndex
CREATE INDEX "Refusal_day_idx" ON "Refusal"("day");
