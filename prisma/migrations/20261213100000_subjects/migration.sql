-- AlterEnum
ALTER TYPE "HoldSource" ADD VALUE 'MANAGER';

-- AlterTable
ALTER TABLE "Key" ADD COLUMN     "managerId" TEXT,
ADD COLUMN     "subjectId" TEXT;

-- AlterTable
ALTER TABLE "Realm" ADD COLUMN     "subjectCeilings" JSONB NOT NULL DEFAULT '[]';

-- CreateTable
CREATE TABLE "Subject" (
    "id" TEXT NOT NULL,
    "realmId" TEXT NOT NULL,
    "externalId" TEXT,
    "name" TEXT,
    "email" TEXT,
    "language" TEXT,
    "labels" JSONB NOT NULL DEFAULT '[]',
    "createdAt" TIMESTAMPTZ(3) NOT NULL,
    "disabledAt" TIMESTAMPTZ(3),
    "isDisabledByAdministrator" BOOLEAN NOT NULL DEFAULT false,
    "removedAt" TIMESTAMPTZ(3),

    CONSTRAINT "Subject_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "Subject_realmId_createdAt_id_idx" ON "Subject"("realmId", "createdAt", "id");

-- CreateIndex
CREATE UNIQUE INDEX "Subject_realmId_externalId_key" ON "Subject"("realmId", "externalId");

-- AddForeignKey
ALTER TABLE "Subject" ADD CONSTRAINT "Subject_realmId_fkey" FOREIGN KEY ("realmId") REFERENCES "Realm"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Key" ADD CONSTRAINT "Key_subjectId_fkey" FOREIGN KEY ("subjectId") REFERENCES "Subject"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Key" ADD CONSTRAINT "Key_managerId_fkey" FOREIGN KEY ("managerId") REFERENCES "Key"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- By hand: what schema.prisma cannot say.

ALTER TABLE "Key" DROP CONSTRAINT "Key_owner_check";
ALTER TABLE "Key" ADD CONSTRAINT "Key_owner_check" CHECK (num_nonnulls("accountId", "organizationId", "subjectId") = 1);

-- A removed subject keeps nothing that names a person.
ALTER TABLE "Subject" ADD CONSTRAINT "Subject_removed_check"
  CHECK (CASE WHEN "removedAt" IS NULL THEN "externalId" IS NOT NULL
         ELSE num_nonnulls("externalId", name, email, language) = 0 END);
