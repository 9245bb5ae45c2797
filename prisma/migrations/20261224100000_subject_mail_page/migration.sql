-- AlterTable
ALTER TABLE "Realm" ADD COLUMN     "subjectMailPage" TEXT;
