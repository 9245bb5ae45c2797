import type { Subject } from '../../prisma/generated/client/client.ts';
import { foldEmail } from '../domain/check-email.ts';
import { actorOf } from '../domain/event.ts';
import { isFailure } from '../domain/failure.ts';
import { newId } from '../domain/id.ts';
import { pickChanged } from '../domain/pick-changed.ts';
import { changeLabels, listPolicyLabels, type LabelInput } from '../keys/check-labels.ts';
import { checkSubject, insertSubject, type SubjectInput } from '../keys/subject-owner.ts';
import { useCase } from '../log/use-case.ts';
import { findManagedRealm, type SubjectName } from './lock-subject.ts';

/** Fields that are left out stay as they are. Labels replace the labels that the caller may write. */
export interface UpsertSubjectInput extends SubjectName, SubjectInput {}

interface Target {
  readonly realmId: string;
}

/** Makes a subject, or changes the subject with this external id. */
export const upsertSubject = useCase<UpsertSubjectInput, Target, { readonly subjectId: string }>()({
  name: 'upsertSubject',
  guessable: ['externalId', 'name', 'email'],

  async authorize(change, caller, input) {
    checkSubject(caller, { ...input, labels: null });
    const realm = await findManagedRealm(change, caller, input.realm);
    return isFailure(realm) ? realm : { realmId: realm.id };
  },

  async run(change, caller, input, { realmId }) {
    const { tx } = change;
    const { externalId } = input;
    const email = input.email == null ? null : foldEmail(input.email);
    const where = { realmId_externalId: { realmId, externalId } };
    // A concurrent change that makes the subject lets this statement wait, and then find it.
    await tx.$queryRaw`
      SELECT 1 FROM "Subject" WHERE "realmId" = ${realmId} AND "externalId" = ${externalId} FOR NO KEY UPDATE`;
    const present = await tx.subject.findUnique({ where });
    if (present === null) {
      const createdAt = change.now();
      const id = newId('subject', createdAt, change.core.random);
      const labels = changeLabels(caller, { labels: input.labels ?? [] }, []) ?? [];
      await insertSubject(change, caller, { id, realmId, createdAt, input: { ...input, email, labels } });
      return { subjectId: id };
    }
    const before = labelsOf(present);
    const labels = changeLabels(caller, { labels: input.labels ?? null }, before);
    const wanted = { name: input.name ?? null, email, language: input.language ?? null, labels };
    const changed = (['name', 'email', 'language', 'labels'] as const).filter((field) => {
      if (wanted[field] === null) return false;
      return field === 'labels' ? print(before) !== print(labels ?? []) : wanted[field] !== present[field];
    });
    if (changed.length === 0) return { subjectId: present.id };
    // The reader of the other address has not unsubscribed; of one that has, the address is known.
    const noticesByMail = present.noticesByMail || changed.includes('email');
    await tx.subject.update({
      where: { id: present.id },
      data: {
        ...(wanted.name !== null && { name: wanted.name }),
        ...(email !== null && { email, noticesByMail }),
        ...(wanted.language !== null && { language: wanted.language }),
        ...(labels !== null && { labels: labels.map(({ name, value }) => ({ name, value })) }),
      },
    });
    const allChanged = noticesByMail === present.noticesByMail ? changed : [...changed, 'noticesByMail'];
    const values = pickChanged(
      allChanged,
      { labels: listPolicyLabels(before), noticesByMail: present.noticesByMail },
      { labels: listPolicyLabels(labels ?? before), noticesByMail },
    );
    change.record({
      type: 'SUBJECT_UPDATED',
      at: change.now(),
      realmId,
      ownerId: present.id,
      actor: actorOf(caller),
      data: { changed: allChanged, ...values },
    });
    return { subjectId: present.id };
  },
});

function labelsOf({ labels }: Subject): readonly LabelInput[] {
  return labels as unknown as readonly LabelInput[];
}

function print(labels: readonly LabelInput[]): string {
  return JSON.stringify(labels.map(({ name, value }) => [name, value]).toSorted());
}
