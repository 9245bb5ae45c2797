import type { Subject } from '../../prisma/generated/client/client.ts';
import { checkText, LONGEST_REASON } from '../domain/check-text.ts';
import { actorOf } from '../domain/event.ts';
import { erasedSubject } from '../keys/erased-subject.ts';
import { lockKeys } from '../keys/lock-key.ts';
import { writeRevocation } from '../keys/revoke.ts';
import { fail } from '../domain/failure.ts';
import { isManaging } from '../domain/permission.ts';
import { useCase } from '../log/use-case.ts';
import { endSessionsOf } from './end-portal-sessions.ts';
import { lockSubjectIfAny, subjectNotFound, type SubjectName } from './lock-subject.ts';

export interface RemoveSubjectInput extends SubjectName {
  readonly reason: string;
}

/**
 * Removes a subject: revokes its keys and erases its external id, name, email, language and labels. Its id stays, so that the
 * history of its keys does. The external id is free again: so only an administrator removes a subject that an administrator
 * disabled, or the subject could be made again, and be enabled.
 */
export const removeSubject = useCase<
  RemoveSubjectInput,
  { readonly subject: Subject | null },
  { readonly subjectId: string }
>()({
  name: 'removeSubject',
  guessable: ['externalId'],

  async authorize(change, caller, input) {
    checkText('reason', input.reason, LONGEST_REASON);
    // After the removal, a repeated request finds no subject. It gets the stored result.
    return lockSubjectIfAny(change, caller, input);
  },

  async run(change, caller, { reason }, { subject }) {
    if (subject === null) return subjectNotFound();
    const { id, realmId } = subject;
    if (subject.isDisabledByAdministrator && isManaging(caller, id, realmId)) {
      return fail('SubjectNotActive', 'An administrator disabled the subject.', {
        remedy: 'Ask an administrator of the gateway to remove it.',
      });
    }
    // Before its keys are locked: a page that changes a key has locked its session first.
    await endSessionsOf(change, id);
    const { tx } = change;
    const actor = actorOf(caller);
    const owned = await tx.key.findMany({ where: { subjectId: id }, select: { id: true, revokedAt: true } });
    const live = owned.filter(({ revokedAt }) => revokedAt === null).map((key) => key.id);
    const locked = live.length === 0 ? [] : await lockKeys(tx, live);
    // A key may have been transferred or revoked before it was locked.
    const keys = locked.filter(({ subjectId, revokedAt }) => subjectId === id && revokedAt === null);
    const at = change.now();
    for (const key of keys) await writeRevocation(change, { ...key, now: at }, actor, reason);
    // Nodes and verifiers answer for revoked keys from memory, with the external id.
    change.noteQuietly(...owned.map((key) => key.id));
    // The filter of an operation may name the subject by its external id; from now on it does by the id that stays.
    await tx.$executeRaw`
      UPDATE "Operation" SET filter = (filter - 'subject') || jsonb_build_object('owner', ${id}::text)
      WHERE "realmId" = ${realmId} AND filter->>'subject' = ${subject.externalId}`;
    await tx.subject.update({ where: { id }, data: { ...erasedSubject, removedAt: at } });
    const data = { keyCount: keys.length };
    change.record({ type: 'SUBJECT_REMOVED', at, realmId, ownerId: id, actor, reason, data });
    return { subjectId: id };
  },
});
