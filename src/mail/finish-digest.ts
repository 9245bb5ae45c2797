import { addMs } from '../domain/key.ts';
import { markNoticesDelivered, type NoticeId } from '../keys/mark-notices-delivered.ts';
import { change } from '../log/change.ts';
import type { Core, Transaction } from '../store/core.ts';
import { backOffMs, RETRY_MS } from './back-off.ts';
import type { ClaimedDigest } from './claim-digests.ts';
import { scheduleDigests } from './schedule-digests.ts';
import { escalateLeaks, lockLeaks } from './escalation.ts';

/**
 * The outcome of an attempt. NOTHING: the digest had no current content. REFUSED: this account cannot be reached, or wants no mails.
 */
export type DigestAttemptOutcome = 'ACCEPTED' | 'NOTHING' | 'REFUSED' | 'POSTPONED';

/** What an attempt makes of its digest: a digest that was postponed for too long has FAILED. */
export type DigestOutcome = DigestAttemptOutcome | 'FAILED';

/** The notices and the leaks that a mail contains. */
export interface IncludedMails {
  readonly notices: readonly NoticeId[];
  /** The leaked secrets. */
  readonly secretIds: readonly string[];
}

/**
 * Stores the outcome of an attempt and its consequences, unless this node has lost its lease on the digest. `included`
 * is what was in the mail. Returns what became of the digest; null: the lease was lost, and nothing was changed.
 */
export function finishDigest(
  core: Core,
  digest: ClaimedDigest,
  outcome: DigestAttemptOutcome,
  included: IncludedMails,
): Promise<DigestOutcome | null> {
  return change(core, async ({ tx, now }) => {
    const { id, accountId, lease } = digest;
    // FOR UPDATE: the digest may be deleted.
    const leased = await tx.$queryRaw<unknown[]>`
      SELECT 1 FROM "Digest" WHERE id = ${id} AND lease = ${lease} AND "tryAt" IS NOT NULL FOR UPDATE`;
    if (leased.length === 0) return null;
    await lockNotices(tx, id);
    const at = now();
    const tryAt = addMs(at, backOffMs(digest.attemptCount, core.random));
    const digestOutcome = outcome === 'POSTPONED' && tryAt > addMs(digest.createdAt, RETRY_MS) ? 'FAILED' : outcome;
    switch (digestOutcome) {
      case 'POSTPONED': {
        // A leak that arrived during the attempt does not wait for the back-off.
        const isUrgent = (await tx.leakMail.count({ where: { accountId, digestId: null, failedAt: null } })) > 0;
        const data = { tryAt: isUrgent ? at : tryAt, lease: null, leasedUntil: null };
        await tx.digest.update({ where: { id }, data });
        return digestOutcome;
      }
      case 'ACCEPTED':
        await tx.digest.update({ where: { id }, data: { tryAt: null, leasedUntil: null, sentAt: at } });
        await markNoticesDelivered(tx, included.notices, at);
        await dropOmittedNotices(tx, id, included.notices, at);
        await dropOmittedLeaks(tx, id, included.secretIds, at);
        await tx.operationMail.updateMany({ where: { digestId: id }, data: { isUnsent: false } });
        await tx.mailbox.update({ where: { accountId }, data: { lastDigestAt: at } });
        break;
      case 'NOTHING':
        await dropOmittedNotices(tx, id, [], at);
        await dropOmittedLeaks(tx, id, [], at);
        await tx.operationMail.deleteMany({ where: { digestId: id } });
        await tx.digest.delete({ where: { id } });
        // The digest leaves no trace: the interval of a day counts from the last digest that was sent.
        await tx.$executeRaw`
          UPDATE "Mailbox" SET "lastDigestAt" = (SELECT max("sentAt") FROM "Digest" WHERE "accountId" = ${accountId})
          WHERE "accountId" = ${accountId}`;
        break;
      case 'REFUSED':
        await tx.digest.update({ where: { id }, data: { tryAt: null, leasedUntil: null, failedAt: at } });
        await failMails(tx, id, at);
        await escalateOrFail(tx, id, 'NEXT_RUNG', at);
        await escalateLeaks(tx, id, at);
        break;
      case 'FAILED':
        await tx.digest.update({ where: { id }, data: { tryAt: null, leasedUntil: null, failedAt: at } });
        await requeueLateMails(tx, id, at);
        await failMails(tx, id, at);
        await escalateOrFail(tx, id, 'FAILED', at);
        await escalateLeaks(tx, id, at);
        break;
    }
    await scheduleDigests(tx, [accountId]);
    return digestOutcome;
  });
}

/**
 * Locks the notices of a digest: digests with the same notices finish in turn, and the last one sees that none is left.
 */
async function lockNotices(tx: Transaction, digestId: string): Promise<void> {
  await tx.$queryRaw`
    SELECT 1 FROM "Notice" n WHERE EXISTS (
      SELECT FROM "NoticeMail" m WHERE m."digestId" = ${digestId}
        AND m."keyId" = n."keyId" AND m."stopsAt" = n."stopsAt" AND m."thresholdMs" = n."thresholdMs")
    ORDER BY "keyId", "stopsAt", "thresholdMs" FOR NO KEY UPDATE`;
}

/** Marks the notices and operations of a digest as failed. Those of operations go to no other recipient. */
async function failMails(tx: Transaction, digestId: string, at: Date): Promise<void> {
  const failed = { where: { digestId }, data: { failedAt: at } };
  await tx.noticeMail.updateMany(failed);
  await tx.operationMail.updateMany(failed);
}

/** Moves notices, leaks and operations that were added late to a failed digest back to the queue: they had too few attempts. */
async function requeueLateMails(tx: Transaction, digestId: string, now: Date): Promise<void> {
  const late = { where: { digestId, addedAt: { gt: addMs(now, -RETRY_MS / 2) } }, data: { digestId: null } };
  await tx.noticeMail.updateMany(late);
  await tx.leakMail.updateMany(late);
  await tx.operationMail.updateMany(late);
}

/**
 * Drops the notices that were left out of the mail from the digest, and makes those due for new recipients that have none left:
 * if the key was transferred, its notice goes to the new owner.
 */
async function dropOmittedNotices(
  tx: Transaction,
  digestId: string,
  included: readonly NoticeId[],
  now: Date,
): Promise<void> {
  const mails = await tx.noticeMail.findMany({ where: { digestId } });
  const isIncluded = ({ keyId, stopsAt, thresholdMs }: NoticeId) =>
    included.some(
      (notice) =>
        notice.keyId === keyId && notice.stopsAt.getTime() === stopsAt.getTime() && notice.thresholdMs === thresholdMs,
    );
  for (const { keyId, stopsAt, thresholdMs, accountId } of mails.filter((mail) => !isIncluded(mail))) {
    const id = { keyId, stopsAt, thresholdMs };
    await tx.noticeMail.deleteMany({ where: { ...id, accountId } });
    const where = { ...id, deliveredAt: null, mails: { none: { failedAt: null } } };
    await tx.notice.updateMany({ where, data: { mailAt: now } });
  }
}

/**
 * Drops the leaks that were left out of the mail from the digest, and makes those due for new recipients that have none left:
 * the recipient no longer belongs to the key's owner.
 */
async function dropOmittedLeaks(
  tx: Transaction,
  digestId: string,
  includedIds: readonly string[],
  now: Date,
): Promise<void> {
  const omitted = await tx.leakMail.findMany({
    where: { digestId, secretId: { notIn: [...includedIds] } },
    select: { secretId: true },
  });
  if (omitted.length === 0) return;
  await lockLeaks(tx, digestId);
  const secretId = { in: omitted.map((leak) => leak.secretId) };
  await tx.leakMail.deleteMany({ where: { digestId, secretId } });
  await tx.leak.updateMany({ where: { secretId, mails: { none: { failedAt: null } } }, data: { mailAt: now } });
}

/** Passes those notices of a digest that have no recipient left to the next rung, or marks them as failed. */
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
