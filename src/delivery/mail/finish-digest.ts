import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../domain/duration.ts';
import { addMs } from '../../domain/key.ts';
import { markNoticesDelivered, type NoticeId } from '../../keys/mark-notices-delivered.ts';
import { change } from '../../log/change.ts';
import type { Core, Transaction } from '../../store/core.ts';
import type { Random } from '../../store/random.ts';
import type { ClaimedDigest } from './claim-digests.ts';
import { escalateLeaks } from './escalate-leaks.ts';
import { scheduleDigests } from './schedule-digests.ts';

/** How long a digest is tried again. */
const RETRY_MS = 3 * DAY_MS;

/** The first wait after a failure, in the middle; each is twice the one before, up to the longest. */
const FIRST_BACKOFF_MS = MINUTE_MS;
const LONGEST_BACKOFF_MS = 4 * HOUR_MS;

/** What came of a try. NOTHING: nothing of it was true any more. REFUSED: that account is never reached with it. */
export type DigestAttemptOutcome = 'ACCEPTED' | 'NOTHING' | 'REFUSED' | 'POSTPONED';

/** What is told of it: a digest that was postponed for too long has failed. */
export type DigestOutcome = DigestAttemptOutcome | 'FAILED';

/**
 * Writes down what came of a try, with all that follows, unless the digest is another node's by now. `included` are the
 * notices that were in the mail. Returns what it was; null: it was another's.
 */
export function finishDigest(
  core: Core,
  digest: ClaimedDigest,
  outcome: DigestAttemptOutcome,
  included: readonly NoticeId[],
): Promise<DigestOutcome | null> {
  return change(core, async ({ tx, now }) => {
    const { id, accountId, lease } = digest;
    const mine = await tx.$queryRaw<unknown[]>`
      SELECT 1 FROM "Digest" WHERE id = ${id} AND lease = ${lease} AND "tryAt" IS NOT NULL FOR UPDATE`;
    if (mine.length === 0) return null;
    await lockNotices(tx, id);
    const at = now();
    const tryAt = addMs(at, backOffMs(digest.attemptCount, core.random));
    const told = outcome === 'POSTPONED' && tryAt > addMs(digest.createdAt, RETRY_MS) ? 'FAILED' : outcome;
    switch (told) {
      case 'POSTPONED': {
        // A leak that was added meanwhile does not wait for as long.
        const isUrgent = (await tx.leakMail.count({ where: { accountId, digestId: null, failedAt: null } })) > 0;
        const data = { tryAt: isUrgent ? at : tryAt, lease: null, leasedUntil: null };
        await tx.digest.update({ where: { id }, data });
        return told;
      }
      case 'ACCEPTED':
        await tx.digest.update({ where: { id }, data: { tryAt: null, leasedUntil: null, sentAt: at } });
        await markNoticesDelivered(tx, included, at);
        await dropOmittedNotices(tx, id, included, at);
        await tx.mailbox.update({ where: { accountId }, data: { lastDigestAt: at } });
        break;
      case 'NOTHING':
        await dropOmittedNotices(tx, id, [], at);
        await tx.digest.delete({ where: { id } });
        // As if it had never been: the day is counted from the last that was sent.
        await tx.$executeRaw`
          UPDATE "Mailbox" SET "lastDigestAt" = (SELECT max("sentAt") FROM "Digest" WHERE "accountId" = ${accountId})
          WHERE "accountId" = ${accountId}`;
        break;
      case 'REFUSED':
        await tx.digest.update({ where: { id }, data: { tryAt: null, leasedUntil: null, failedAt: at } });
        await tx.noticeMail.updateMany({ where: { digestId: id }, data: { failedAt: at } });
        await escalateOrFail(tx, id, 'NEXT_RUNG', at);
        await escalateLeaks(tx, id, at);
        break;
      case 'FAILED':
        await tx.digest.update({ where: { id }, data: { tryAt: null, leasedUntil: null, failedAt: at } });
        await requeueLateMails(tx, id, at);
        await tx.noticeMail.updateMany({ where: { digestId: id }, data: { failedAt: at } });
        await escalateOrFail(tx, id, 'FAILED', at);
        await escalateLeaks(tx, id, at);
        break;
    }
    await scheduleDigests(tx, [accountId]);
    return told;
  });
}

/** Digests with the same notices end one after the other: the last of them sees that nobody is left. */
async function lockNotices(tx: Transaction, digestId: string): Promise<void> {
  await tx.$queryRaw`
    SELECT 1 FROM "Notice" n WHERE EXISTS (
      SELECT FROM "NoticeMail" m WHERE m."digestId" = ${digestId}
        AND m."keyId" = n."keyId" AND m."stopsAt" = n."stopsAt" AND m."thresholdMs" = n."thresholdMs")
    ORDER BY "keyId", "stopsAt", "thresholdMs" FOR NO KEY UPDATE`;
}

/** What came late to a digest that has failed has not been tried for long: it waits for the next. */
async function requeueLateMails(tx: Transaction, digestId: string, now: Date): Promise<void> {
  const late = { where: { digestId, addedAt: { gt: addMs(now, -RETRY_MS / 2) } }, data: { digestId: null } };
  await tx.noticeMail.updateMany(late);
  await tx.leakMail.updateMany(late);
}

/** In milliseconds, spread over half to one and a half of the middle, so that many do not come at once. */
function backOffMs(attemptCount: number, random: Random): number {
  const middle = Math.min(LONGEST_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** Math.min(20, attemptCount - 1));
  const share = Buffer.from(random(4)).readUInt32BE(0) / 2 ** 32;
  return Math.floor(middle * (0.5 + share));
}

/** What was not in the mail any more does not go there. If it is true of a key that was given away, it goes to its new owner. */
async function dropOmittedNotices(
  tx: Transaction,
  digestId: string,
  included: readonly NoticeId[],
  now: Date,
): Promise<void> {
  const mails = await tx.noticeMail.findMany({ where: { digestId } });
  const isIncluded = ({ keyId, stopsAt, thresholdMs }: NoticeId) =>
    included.some(
      (one) => one.keyId === keyId && one.stopsAt.getTime() === stopsAt.getTime() && one.thresholdMs === thresholdMs,
    );
  for (const { keyId, stopsAt, thresholdMs, accountId } of mails.filter((mail) => !isIncluded(mail))) {
    const id = { keyId, stopsAt, thresholdMs };
    await tx.noticeMail.deleteMany({ where: { ...id, accountId } });
    await tx.notice.updateMany({ where: { ...id, deliveredAt: null }, data: { mailAt: now } });
  }
}

/** What has nobody left who may still get it: it goes to the next rung, or has failed. */
async function escalateOrFail(
  tx: Transaction,
  digestId: string,
  then: 'NEXT_RUNG' | 'FAILED',
  now: Date,
): Promise<void> {
  const isNext = then === 'NEXT_RUNG';
  await tx.$executeRaw`
    UPDATE "Notice" n SET
      "mailAt" = CASE WHEN ${isNext}::boolean THEN ${now}::timestamptz END,
      rung = CASE WHEN ${isNext}::boolean THEN greatest(n.rung, m.rung + 1) ELSE n.rung END,
      "failedAt" = CASE WHEN NOT ${isNext}::boolean THEN ${now}::timestamptz END
    FROM "NoticeMail" m
    WHERE m."digestId" = ${digestId}
      AND n."keyId" = m."keyId" AND n."stopsAt" = m."stopsAt" AND n."thresholdMs" = m."thresholdMs"
      AND n."deliveredAt" IS NULL AND NOT EXISTS (
        SELECT FROM "NoticeMail" o WHERE o."keyId" = n."keyId" AND o."stopsAt" = n."stopsAt"
          AND o."thresholdMs" = n."thresholdMs" AND o."failedAt" IS NULL)`;
}
