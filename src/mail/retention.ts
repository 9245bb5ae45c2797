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

export const operationMailRule: RetentionRule = {
  rows: 'operations in a digest that was sent or has failed',
  retentionMs: DIGEST_RETENTION_MS,
  from: 'the creation of the digest',
  why: 'An investigation may need to know who got a mail about an operation.',
  remove: async (tx, before, limit) =>
    (await tx.operationMail.deleteMany({ where: { digest: finished(before) }, limit })).count,
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
    const where = {
      ...finished(before),
      mails: { none: {} },
      operationMails: { none: {} },
      leakMails: { none: { failedAt: null } },
    };
    return (await tx.digest.deleteMany({ where, limit })).count;
  },
};

export const subjectNoticeRule: RetentionRule = {
  rows: 'notices in a mail that was sent or has failed',
  retentionMs: DIGEST_RETENTION_MS,
  from: 'the creation of the mail',
  why: 'An investigation may need to know what a subject was sent. Whether it was delivered stays in the notice.',
  remove: async (tx, before, limit) =>
    (await tx.subjectNotice.deleteMany({ where: { mail: finished(before) }, limit })).count,
};

export const subjectMailRule: RetentionRule = {
  rows: 'mails that were sent or have failed',
  retentionMs: DIGEST_RETENTION_MS,
  from: 'the creation of the mail',
  why: 'An investigation may need to know which mails were sent. No row has an address.',
  remove: async (tx, before, limit) =>
    (await tx.subjectMail.deleteMany({ where: { ...finished(before), notices: { none: {} } }, limit })).count,
};

export const addressDayRule: RetentionRule = {
  rows: 'all',
  retentionMs: 2 * DAY_MS,
  from: 'the end of the day',
  why: 'A day’s count limits the mails of that day only.',
  remove: async (tx, before, limit) =>
    (await tx.addressDay.deleteMany({ where: { day: { lt: Math.floor(before.getTime() / DAY_MS) } }, limit })).count,
};

/** The rules of notices' and operations' mails come before the rule of digests: a digest is deleted once it has none left. */
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
  OperationMail: [
    operationMailRule,
    { rows: 'operations that wait', until: 'until their digest is finished', why: 'They are still to be sent.' },
  ],
  SubjectNotice: [
    subjectNoticeRule,
    { rows: 'notices that wait', until: 'until their mail is finished', why: 'They are still to be sent.' },
  ],
  SubjectMail: [
    subjectMailRule,
    { rows: 'mails that are not finished', until: 'until they are finished', why: 'They are still to be sent.' },
  ],
  EndedAddress: retainForEver('An address that has unsubscribed gets no mail again. The row has a keyed digest of it.'),
  AddressDay: [addressDayRule],
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
