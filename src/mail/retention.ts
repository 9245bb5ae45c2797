import { DAY_MS } from '../domain/duration.ts';
import { retainForEver, type RetentionByTable, type RetentionRule } from '../store/retention-rule.ts';

/**
 * For investigations. At least 30 days, because the earliest notice is given 30 days ahead of a stop: the row that says
 * who got a notice must not be deleted before the stop.
 */
const DIGEST_RETENTION_MS = 30 * DAY_MS;

const finished = (before: Date) => ({ tryAt: null, createdAt: { lte: before } });

export const noticeMailRule: RetentionRule = {
  rows: 'mails in a digest that was sent or has failed',
  retentionMs: DIGEST_RETENTION_MS,
  from: 'the creation of the digest',
  why: 'An investigation may need to know who got a notice. Whether it was delivered stays in the notice.',
  remove: async (tx, before, limit) =>
    (await tx.noticeMail.deleteMany({ where: { digest: finished(before) }, limit })).count,
};

/**
 * A leak whose mail has neither a digest nor a failure waits for the account's next digest. So a digest with a leak is
 * retained: without it, the next digest would repeat the leak.
 */
export const digestRule: RetentionRule = {
  rows: 'digests that were sent or have failed, without a delivered leak',
  retentionMs: DIGEST_RETENTION_MS,
  from: 'the creation of the digest',
  why: 'An investigation may need to know which mails were sent.',
  remove: async (tx, before, limit) => {
    const where = { ...finished(before), mails: { none: {} }, leakMails: { none: { failedAt: null } } };
    return (await tx.digest.deleteMany({ where, limit })).count;
  },
};

/** The rule of notices' mails comes before the rule of digests: a digest is deleted once it has no such mails left. */
export const mailRetention = {
  NoticeMail: [
    noticeMailRule,
    { rows: 'mails that wait', until: 'until their digest is finished', why: 'They are still to be sent.' },
  ],
  LeakMail: [
    {
      rows: 'all',
      until: 'for ever; if no recipient could be reached, until the leak is mailed again',
      why: 'Each leak is mailed to an account once. The row says that it was.',
    },
  ],
  Mailbox: retainForEver('One row for each account: when its next digest is due.'),
  Digest: [
    digestRule,
    {
      rows: 'digests with a delivered leak',
      until: 'for ever',
      why: 'The leak’s mail names the digest. Without it the leak would count as waiting and be mailed again.',
    },
    { rows: 'digests that are not finished', until: 'until they are finished', why: 'They are still to be sent.' },
  ],
} satisfies RetentionByTable;
