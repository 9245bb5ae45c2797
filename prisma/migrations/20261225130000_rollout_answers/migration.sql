-- AlterTable
ALTER TABLE "RolloutAnswer" ADD COLUMN     "consumers" TEXT[] DEFAULT ARRAY[]::TEXT[];

-- AlterTable
ALTER TABLE "RolloutKey" ADD COLUMN     "consumers" TEXT[] DEFAULT ARRAY[]::TEXT[],
ADD COLUMN     "enrolledAt" TIMESTAMPTZ(3);

-- AlterTable
ALTER TABLE "RolloutOwner" ADD COLUMN     "consumers" TEXT[] DEFAULT ARRAY[]::TEXT[],
ADD COLUMN     "enrolledAt" TIMESTAMPTZ(3);
