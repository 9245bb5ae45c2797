import { DAY_MS, HOUR_MS, MINUTE_MS } from '../domain/duration.ts';
import type { Transaction } from '../store/core.ts';

/** How long a notice waits for others, so that one digest carries them all. */
const BATCHING_DELAY_MS = 5 * MINUTE_MS;

/** An account gets at most one digest in this time, except for notices that cannot wait. */
const DIGEST_INTERVAL_MS = DAY_MS;

/** A mail about operations follows the last digest after this time at the earliest: one person may start many of them. */
const OPERATION_INTERVAL_MS = HOUR_MS;

/** A mail that arrives less than this before a stop is too late to be useful. */
const LEAST_LEAD_MS = HOUR_MS;

/**
 * Sets when each of these accounts gets its next digest: after the batching delay, and a day after the last digest. A
 * notice of a stop within that day, or within an hour after it, does not wait for the day to end. A leak waits for
 * nothing, and an operation that changed keys until an hour after the last digest; both take along everything that waits.
 */
export async function scheduleDigests(tx: Transaction, accountIds: readonly string[]): Promise<void> {
  const ids = [...new Set(accountIds)].sort();
  if (ids.length === 0) return;
  await tx.$executeRaw`
    INSERT INTO "Mailbox" ("accountId") SELECT unnest(${ids}::text[]) ON CONFLICT DO NOTHING`;
  await tx.$executeRaw`SELECT 1 FROM "Mailbox" WHERE "accountId" = ANY(${ids}) ORDER BY "accountId" FOR UPDATE`;
  await tx.$executeRaw`
    UPDATE "Mailbox" m SET "dueAt" = least((
      SELECT min(l."addedAt") FROM "LeakMail" l
      WHERE l."accountId" = m."accountId" AND l."digestId" IS NULL AND l."failedAt" IS NULL), (
      SELECT greatest(
        min(o."addedAt") + ${BATCHING_DELAY_MS} * interval '1 ms', m."lastDigestAt" + ${OPERATION_INTERVAL_MS} * interval '1 ms')
      FROM "OperationMail" o
      WHERE o."accountId" = m."accountId" AND o."digestId" IS NULL AND o."failedAt" IS NULL
      HAVING count(*) > 0), (
      SELECT min(CASE
        WHEN w."stopsAt" <= m."lastDigestAt" + ${DIGEST_INTERVAL_MS + LEAST_LEAD_MS} * interval '1 ms'
          THEN w."addedAt" + ${BATCHING_DELAY_MS} * interval '1 ms'
        ELSE greatest(
          w."addedAt" + ${BATCHING_DELAY_MS} * interval '1 ms', m."lastDigestAt" + ${DIGEST_INTERVAL_MS} * interval '1 ms')
        END)
      FROM "NoticeMail" w WHERE w."accountId" = m."accountId" AND w."digestId" IS NULL AND w."failedAt" IS NULL))
    WHERE m."accountId" = ANY(${ids})`;
}
