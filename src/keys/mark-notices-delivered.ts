import type { Transaction } from '../store/core.ts';

/** Identifies a notice: one of a key's stops, and how far ahead of it. */
export interface NoticeId {
  readonly keyId: string;
  readonly stopsAt: Date;
  readonly thresholdMs: bigint;
}

/**
 * Marks notices as delivered; the first channel that delivered one counts. From then on their stop is not postponed for
 * lack of a delivered notice.
 */
export async function markNoticesDelivered(tx: Transaction, notices: readonly NoticeId[], now: Date): Promise<void> {
  const rows = notices.map(({ keyId, stopsAt, thresholdMs }) => ({ keyId, stopsAt, thresholdMs: Number(thresholdMs) }));
  await tx.$executeRaw`
    UPDATE "Notice" n SET "deliveredAt" = ${now}, "failedAt" = NULL
    FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS r("keyId" text, "stopsAt" timestamptz, "thresholdMs" bigint)
    WHERE n."keyId" = r."keyId" AND n."stopsAt" = r."stopsAt" AND n."thresholdMs" = r."thresholdMs"
      AND n."deliveredAt" IS NULL`;
}
