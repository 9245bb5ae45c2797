-- AlterTable
ALTER TABLE "LogHead" ADD COLUMN     "quiet" BIGINT NOT NULL DEFAULT 0;

-- CreateTable
CREATE TABLE "QuietChange" (
    "number" BIGINT NOT NULL,
    "keyIds" TEXT[],
    "recordedAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "QuietChange_pkey" PRIMARY KEY ("number")
);

-- By hand: what schema.prisma cannot say.
