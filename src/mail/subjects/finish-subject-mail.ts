import { DAY_MS } from '../../domain/duration.ts';
import { addMs } from '../../domain/key.ts';
import { markNoticesDelivered, type NoticeId } from '../../keys/mark-notices-delivered.ts';
import { change } from '../../log/change.ts';
import type { Core, Transaction } from '../../store/core.ts';
import type { Random } from '../../store/random.ts';
import { backOffMs, RETRY_MS, shareOf } from '../back-off.ts';
import type { ClaimedSubjectMail } from './claim-subject-mails.ts';
import { endNoticesToAddress } from './end-subject-mails.ts';

/**
 * The outcome of an attempt. NOTHING: no stop was current, or the subject cannot be mailed any more. ENDED: the reader of the
 * address wants no mails. LIMITED: the address has got its mails of the day. REFUSED: the mail server refused the address.
 */
export type SubjectMailAttemptOutcome = 'ACCEPTED' | 'NOTHING' | 'ENDED' | 'LIMITED' | 'REFUSED' | 'POSTPONED';

/** What an attempt makes of its mail: a mail that was postponed for too long has FAILED. */
export type SubjectMailOutcome = SubjectMailAttemptOutcome | 'FAILED';

/** An attempt that has ended. */
export interface FinishedAttempt {
  readonly outcome: SubjectMailAttemptOutcome;
  /** The notices that were in the mail. */
  readonly included: readonly NoticeId[];
  /** The digest of the address of the attempt. Null: the subject had none. */
  readonly digest: Uint8Array | null;
}

/**
 * Stores the outcome of an attempt and its consequences, unless this node has lost its lease on the mail. Returns what became of the mail; null: the lease was lost, and nothing was changed.
 */
export function finishSubjectMail(
  core: Core,
  mail: ClaimedSubjectMail,
  { outcome, included, digest }: FinishedAttempt,
): Promise<SubjectMailOutcome | null> {
  return change(core, async (change) => {
    const { tx, now } = change;
    const { id, subjectId, lease } = mail;
    // FOR UPDATE: the mail may be deleted.
    const leased = await tx.$queryRaw<unknown[]>`
      SELECT 1 FROM "SubjectMail" WHERE id = ${id} AND lease = ${lease} AND "tryAt" IS NOT NULL FOR UPDATE`;
    if (leased.length === 0) return null;
    const at = now();
    const tryAt = nextTry(mail, outcome, at, core.random);
    const isOver = tryAt !== null && tryAt > addMs(mail.createdAt, RETRY_MS);
    if (tryAt !== null && !isOver) {
      await tx.subjectMail.update({ where: { id }, data: { tryAt, lease: null, leasedUntil: null } });
      return outcome;
    }
    switch (outcome) {
      case 'ACCEPTED':
        await tx.subjectMail.update({ where: { id }, data: { ...finishedColumns, sentAt: at } });
        await markNoticesDelivered(tx, included, at);
        await releaseOmitted(tx, id, included, at);
        return outcome;
      case 'ENDED':
      case 'NOTHING':
        if (outcome === 'ENDED' && digest !== null) {
          await endNoticesToAddress(
            change,
            { subjectId, digest },
            'The reader of the address had stopped these mails.',
          );
        }
        await releaseOmitted(tx, id, [], at);
        // It leaves no trace: the interval of a day counts from the last mail that was sent.
        await tx.subjectMail.delete({ where: { id } });
        return outcome;
      default:
        await tx.subjectMail.update({ where: { id }, data: { ...finishedColumns, failedAt: at } });
        await failNotices(tx, id, at);
        return outcome === 'REFUSED' ? outcome : 'FAILED';
    }
  });
}

/** A mail that is not tried again does not tell its address. */
const finishedColumns = { tryAt: null, leasedUntil: null, countedDigest: null } as const;

/** Returns when a mail is tried again; null: it is not. A mail over the limit of its address waits for the next day. */
function nextTry(
  { attemptCount }: ClaimedSubjectMail,
  outcome: SubjectMailAttemptOutcome,
  at: Date,
  random: Random,
): Date | null {
  if (outcome === 'POSTPONED') return addMs(at, backOffMs(attemptCount, random));
  if (outcome !== 'LIMITED') return null;
  const midnight = new Date((Math.floor(at.getTime() / DAY_MS) + 1) * DAY_MS);
  // Spread over a quarter of the day.
  return addMs(midnight, Math.floor((shareOf(random) * DAY_MS) / 4));
}

/**
 * Takes the notices that were not in the mail out of the queue, and lets their recipients be assigned again: the key may have
 * another owner, and a notice without a recipient for mail is owed only if another channel can deliver it.
 */
async function releaseOmitted(
  tx: Transaction,
  mailId: string,
  included: readonly NoticeId[],
  now: Date,
): Promise<void> {
  const isIncluded = ({ keyId, stopsAt, thresholdMs }: NoticeId) =>
    included.some(
      (notice) =>
        notice.keyId === keyId && notice.stopsAt.getTime() === stopsAt.getTime() && notice.thresholdMs === thresholdMs,
    );
  const queued = await tx.subjectNotice.findMany({ where: { mailId } });
  for (const { keyId, stopsAt, thresholdMs } of queued.filter((notice) => !isIncluded(notice))) {
    const id = { keyId, stopsAt, thresholdMs };
    await tx.subjectNotice.deleteMany({ where: id });
    await tx.notice.updateMany({ where: { ...id, deliveredAt: null }, data: { mailAt: now } });
  }
}

async function failNotices(tx: Transaction, mailId: string, now: Date): Promise<void> {
  await tx.subjectNotice.updateMany({ where: { mailId }, data: { failedAt: now } });
  await tx.notice.updateMany({
    where: { subjectNotice: { is: { mailId } }, deliveredAt: null },
    data: { failedAt: now },
  });
}
