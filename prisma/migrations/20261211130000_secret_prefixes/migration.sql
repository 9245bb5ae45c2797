-- CreateEnum
CREATE TYPE "SecretForm" AS ENUM ('OWN', 'FOREIGN', 'FOREIGN_SEALED');

-- AlterTable
ALTER TABLE "Realm" ADD COLUMN     "foreignPattern" TEXT,
ADD COLUMN     "foreignRandomBits" INTEGER,
ADD COLUMN     "secretPrefix" TEXT NOT NULL DEFAULT 'kt_';

-- AlterTable
ALTER TABLE "Secret" ADD COLUMN     "form" "SecretForm" NOT NULL DEFAULT 'OWN';

-- CreateTable
CREATE TABLE "SecretPrefix" (
    "realmId" TEXT NOT NULL,
    "prefix" TEXT NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "SecretPrefix_pkey" PRIMARY KEY ("realmId","prefix")
);

-- AddForeignKey
ALTER TABLE "SecretPrefix" ADD CONSTRAINT "SecretPrefix_realmId_fkey" FOREIGN KEY ("realmId") REFERENCES "Realm"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- By hand: what schema.prisma cannot say.
-- A prefix belongs to one realm for ever. All realms share kt_.
CREATE UNIQUE INDEX "SecretPrefix_prefix_key" ON "SecretPrefix"("prefix") WHERE "prefix" <> 'kt_';
