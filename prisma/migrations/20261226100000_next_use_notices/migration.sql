-- AlterTable
ALTER TABLE "Notice" ADD COLUMN     "nextUseFrom" TIMESTAMPTZ(3),
ADD COLUMN     "nextUseTo" TIMESTAMPTZ(3);
