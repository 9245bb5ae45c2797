-- By hand, in two statements: the keys that exist get null, which the reviewer fills from the log. A column that is added with its
-- default would have the default for them too.

-- AlterTable
ALTER TABLE "Key" ADD COLUMN     "isSelfRenewing" BOOLEAN;

-- AlterTable
ALTER TABLE "Key" ALTER COLUMN "isSelfRenewing" SET DEFAULT false;
