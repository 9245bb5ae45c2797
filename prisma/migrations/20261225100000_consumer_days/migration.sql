-- AlterTable
ALTER TABLE "Use" ADD COLUMN     "days" VARBIT(400),
ADD COLUMN     "lastDay" INTEGER;
