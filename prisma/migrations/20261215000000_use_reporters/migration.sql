-- CreateTable
CREATE TABLE "UseReporter" (
    "keyId" TEXT NOT NULL,
    "reporter" TEXT NOT NULL,
    "watermark" BIGINT NOT NULL,
    "completeTo" BIGINT NOT NULL,
    "reportedAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "UseReporter_pkey" PRIMARY KEY ("keyId", "reporter")
);
