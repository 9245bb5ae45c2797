-- False for rows of nodes that do not write it: what they have sent is not sent again.
ALTER TABLE "OperationMail" ADD COLUMN "isUnsent" BOOLEAN NOT NULL DEFAULT false;
