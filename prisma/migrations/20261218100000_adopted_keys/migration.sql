-- AlterTable
ALTER TABLE "KeyImport" ADD COLUMN     "adoptedAt" TIMESTAMPTZ(3),
ADD COLUMN     "isAnnounced" BOOLEAN NOT NULL DEFAULT false;
