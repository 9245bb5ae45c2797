import { systemActor } from '../../domain/event.ts';
import { isSameDigest } from '../../domain/secret.ts';
import { change, type Change } from '../../log/change.ts';
import type { Core } from '../../store/core.ts';
import { addressDigestOf } from './address-digest.ts';
import type { SubjectUnsubscription } from './subject-unsubscribe-token.ts';

/**
 * Stops the mails of a realm to an address for good, whatever subject names it, at the request of the reader of a mail.
 * Idempotent. The subject to whom that mail was sent gets no notices, if the address is still its own.
 */
export function endSubjectMails(core: Core, { realmId, subjectId, digest }: SubjectUnsubscription): Promise<void> {
  return change(core, async (change) => {
    const data = { realmId, digest, endedAt: change.now() };
    await change.tx.endedAddress.createMany({ data, skipDuplicates: true });
    await endNoticesToAddress(change, { subjectId, digest }, 'By the link in a mail.');
  });
}

/**
 * Turns off the notices of a subject whose present address has the digest, and locks the subject. A subject that got another
 * address in the meantime stays as it is.
 */
export async function endNoticesToAddress(
  { core, tx, now, record }: Change,
  { subjectId, digest }: { readonly subjectId: string; readonly digest: Uint8Array },
  reason: string,
): Promise<void> {
  const [subject] = await tx.$queryRaw<{ readonly email: string; readonly realmId: string }[]>`
    SELECT email, "realmId" FROM "Subject"
    WHERE id = ${subjectId} AND "noticesByMail" AND email IS NOT NULL AND "removedAt" IS NULL FOR NO KEY UPDATE`;
  if (subject === undefined || !isSameDigest(addressDigestOf(core.sealer, subject.email), digest)) return;
  await tx.subject.update({ where: { id: subjectId }, data: { noticesByMail: false }, select: { id: true } });
  record({
    type: 'SUBJECT_UPDATED',
    at: now(),
    realmId: subject.realmId,
    ownerId: subjectId,
    actor: systemActor,
    reason,
    data: { changed: ['noticesByMail'], before: { noticesByMail: true }, after: { noticesByMail: false } },
  });
}
