-- AlterTable
ALTER TABLE "Key" ADD COLUMN     "brownouts" JSONB,
ADD COLUMN     "warnings" JSONB;
