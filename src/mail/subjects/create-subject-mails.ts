import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../domain/duration.ts';
import { newId } from '../../domain/id.ts';
import { addMs } from '../../domain/key.ts';
import { change } from '../../log/change.ts';
import type { Core, Transaction } from '../../store/core.ts';

/** How many subjects one transaction handles. */
const BATCH = 50;

/** A subject gets at most one mail in this time, except for notices that cannot wait. */
const MAIL_INTERVAL_MS = DAY_MS;

/** A mail that arrives less than this before a stop is too late to be useful. */
const LEAST_LEAD_MS = HOUR_MS;

/** How long a notice waits while an earlier mail to the same subject is being sent. */
const BUSY_MS = MINUTE_MS;

/**
 * Creates a mail of all notices that wait for a subject, for each subject with a notice that is due and without a mail in
 * the last day. A notice of a stop within that day, or within an hour after it, does not wait for the day to end. Each
 * subject is handled by one node. Returns how many subjects were handled.
 */
export function createSubjectMails(core: Core, domain: string): Promise<number> {
  return change(core, async ({ tx, now }) => {
    const at = now();
    const due = await tx.$queryRaw<{ subjectId: string }[]>`
      SELECT "subjectId" FROM "SubjectNotice" WHERE "dueAt" <= ${at} GROUP BY 1 ORDER BY min("dueAt") LIMIT ${BATCH}`;
    let count = 0;
    for (const { subjectId } of due) {
      if (!(await tryLock(tx, subjectId))) continue;
      count += 1;
      await createMail(tx, core, { subjectId, domain, at });
    }
    return count;
  });
}

/** Locks the queue of a subject until the transaction ends. False: another node has locked it. */
async function tryLock(tx: Transaction, subjectId: string): Promise<boolean> {
  const [row] = await tx.$queryRaw<{ isLocked: boolean }[]>`
    SELECT pg_try_advisory_xact_lock(hashtextextended(${`subject mail ${subjectId}`}, 0)) AS "isLocked"`;
  return row?.isLocked ?? false;
}

async function createMail(
  tx: Transaction,
  { random }: Core,
  { subjectId, domain, at }: { readonly subjectId: string; readonly domain: string; readonly at: Date },
): Promise<void> {
  const waiting = { subjectId, dueAt: { not: null } };
  const open = await tx.subjectMail.findFirst({ where: { subjectId, tryAt: { not: null } } });
  if (open !== null) {
    // A mail that has been tried takes the notices along at its next attempt; one that is being sent does not.
    const data = open.lease === null ? { mailId: open.id, dueAt: null } : { dueAt: addMs(at, BUSY_MS) };
    await tx.subjectNotice.updateMany({ where: waiting, data });
    return;
  }
  const last = await tx.subjectMail.findFirst({ where: { subjectId }, orderBy: { createdAt: 'desc' } });
  const nextAt = last === null ? at : addMs(last.createdAt, MAIL_INTERVAL_MS);
  if (nextAt > at) {
    const stopsAt = { lte: addMs(nextAt, LEAST_LEAD_MS) };
    const isUrgent = (await tx.subjectNotice.count({ where: { ...waiting, stopsAt } })) > 0;
    if (!isUrgent) {
      await tx.subjectNotice.updateMany({ where: waiting, data: { dueAt: nextAt } });
      return;
    }
  }
  const id = newId('digest', at, random);
  await tx.subjectMail.create({
    data: { id, subjectId, messageId: `<${id}@${domain}>`, createdAt: at, tryAt: at },
    select: { id: true },
  });
  await tx.subjectNotice.updateMany({ where: waiting, data: { mailId: id, dueAt: null } });
}
