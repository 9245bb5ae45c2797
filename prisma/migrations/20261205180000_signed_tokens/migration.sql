-- AlterTable
ALTER TABLE "Realm" ADD COLUMN     "signedTokens" BOOLEAN NOT NULL DEFAULT false;
