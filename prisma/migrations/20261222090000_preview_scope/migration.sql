-- AlterTable
ALTER TABLE "ChangePreview" ADD COLUMN     "leavesOutNoKey" BOOLEAN NOT NULL DEFAULT true;
