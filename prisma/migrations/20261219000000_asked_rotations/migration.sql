-- AlterTable
ALTER TABLE "Key" ADD COLUMN     "rotationAnsweredAt" TIMESTAMPTZ(3),
ADD COLUMN     "rotationAskedAt" TIMESTAMPTZ(3),
ADD COLUMN     "rotationAskedGraceMs" BIGINT;
