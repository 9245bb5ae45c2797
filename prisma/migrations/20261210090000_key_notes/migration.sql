-- AlterTable
ALTER TABLE "Key" ADD COLUMN     "description" TEXT,
ADD COLUMN     "metadata" JSONB;
