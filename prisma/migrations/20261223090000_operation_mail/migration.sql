-- AlterTable
ALTER TABLE "Operation" ADD COLUMN     "mailedAt" TIMESTAMPTZ(3);

-- AlterTable
ALTER TABLE "OperationKey" ADD COLUMN     "ownerId" TEXT;

-- CreateTable
CREATE TABLE "OperationMail" (
    "operationId" TEXT NOT NULL,
    "accountId" TEXT NOT NULL,
    "ownerIds" TEXT[],
    "addedAt" TIMESTAMPTZ(3) NOT NULL,
    "digestId" TEXT,
    "failedAt" TIMESTAMPTZ(3),

    CONSTRAINT "OperationMail_pkey" PRIMARY KEY ("operationId","accountId")
);

-- CreateIndex
CREATE INDEX "OperationMail_accountId_idx" ON "OperationMail"("accountId");

-- CreateIndex
CREATE INDEX "OperationMail_digestId_idx" ON "OperationMail"("digestId");

-- AddForeignKey
ALTER TABLE "OperationMail" ADD CONSTRAINT "OperationMail_operationId_fkey" FOREIGN KEY ("operationId") REFERENCES "Operation"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "OperationMail" ADD CONSTRAINT "OperationMail_accountId_fkey" FOREIGN KEY ("accountId") REFERENCES "Account"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "OperationMail" ADD CONSTRAINT "OperationMail_digestId_fkey" FOREIGN KEY ("digestId") REFERENCES "Digest"("id") ON DELETE SET NULL ON UPDATE CASCADE;
