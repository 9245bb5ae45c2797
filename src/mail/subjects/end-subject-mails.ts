import { systemActor } from '../../domain/event.ts';
import { change } from '../../log/change.ts';
import type { Core } from '../../store/core.ts';
import type { SubjectUnsubscription } from './subject-unsubscribe-token.ts';

/**
 * Stops the mails of a realm to an address for good, whatever subject names it, at the request of the reader of a mail.
 * Idempotent. The event is that of the subject to whom that mail was sent.
 */
export function endSubjectMails(core: Core, { realmId, subjectId, digest }: SubjectUnsubscription): Promise<void> {
  return change(core, async ({ tx, record, now }) => {
    const at = now();
    await tx.endedAddress.createMany({ data: { realmId, digest, endedAt: at }, skipDuplicates: true });
    const { count } = await tx.subject.updateMany({
      where: { id: subjectId, removedAt: null, noticesByMail: true },
      data: { noticesByMail: false },
    });
    if (count === 0) return;
    record({
      type: 'SUBJECT_UPDATED',
      at,
      realmId,
      ownerId: subjectId,
      actor: systemActor,
      reason: 'By the link in a mail.',
      data: { changed: ['noticesByMail'], before: { noticesByMail: true }, after: { noticesByMail: false } },
    });
  });
}
