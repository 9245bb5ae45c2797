-- AlterTable
ALTER TABLE "Judgement" ADD COLUMN     "compact" BYTEA;

-- AlterTable
ALTER TABLE "Node" ADD COLUMN     "formats" TEXT[] DEFAULT ARRAY[]::TEXT[];
