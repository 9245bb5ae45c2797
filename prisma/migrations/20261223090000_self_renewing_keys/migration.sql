-- AlterTable
ALTER TABLE "Key" ADD COLUMN     "isSelfRenewing" BOOLEAN NOT NULL DEFAULT false;
