import type { Transaction } from '../store/core.ts';

/** Which notice: of one stop of a key, given so long ahead of it. */
export interface NoticeId {
  readonly keyId: string;
  readonly stopsAt: Date;
  readonly thresholdMs: bigint;
}

/**
 * Notes that notices have reached somebody, or something, outside: whichever way was first counts. From then on their
 * stop does not move out for want of notice.
 */
export async function markNoticesDelivered(tx: Transaction, notices: readonly NoticeId[], now: Date): Promise<void> {
  const rows = notices.map(({ keyId, stopsAt, thresholdMs }) => ({ keyId, stopsAt, thresholdMs: Number(thresholdMs) }));
  await tx.$executeRaw`
    UPDATE "Notice" n SET "deliveredAt" = ${now}, "failedAt" = NULL
    FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS r("keyId" text, "stopsAt" timestamptz, "thresholdMs" bigint)
    WHERE n."keyId" = r."keyId" AND n."stopsAt" = r."stopsAt" AND n."thresholdMs" = r."thresholdMs"
      AND n."deliveredAt" IS NULL`;
}
