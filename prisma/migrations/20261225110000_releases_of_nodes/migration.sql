-- AlterTable
ALTER TABLE "Node" ADD COLUMN     "release" TEXT,
ADD COLUMN     "startedAt" TIMESTAMPTZ(3);
