-- AlterTable
ALTER TABLE "Key" ADD COLUMN     "allowedAddresses" TEXT[],
ADD COLUMN     "notBefore" TIMESTAMPTZ(3);

-- CreateTable
CREATE TABLE "AddresslessVerifier" (
    "realmId" TEXT NOT NULL,
    "verifierId" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "AddresslessVerifier_pkey" PRIMARY KEY ("realmId","verifierId")
);
