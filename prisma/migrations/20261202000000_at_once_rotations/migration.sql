-- AlterTable
ALTER TABLE "Secret" ADD COLUMN     "rotatedAtOnceBy" TEXT;

-- By hand: what schema.prisma cannot say.
