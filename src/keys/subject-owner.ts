import { checkEmail, foldEmail } from '../domain/check-email.ts';
import type { Caller } from '../domain/caller.ts';
import { checkText } from '../domain/check-text.ts';
import { fail, type Failure } from '../domain/failure.ts';
import { newId } from '../domain/id.ts';
import { may } from '../domain/permission.ts';
import { badUserInput } from '../domain/request-error.ts';
import { EXTERNAL_ID_MAX, languageProblem } from '../domain/subject.ts';
import { textProblem } from '../domain/text.ts';
import type { OwnerFacts } from '../policies/contract.ts';
import { actorOf } from '../domain/event.ts';
import type { Change } from '../log/change.ts';
import { RetryChange } from '../log/change.ts';
import { checkLabels, listPolicyLabels, type LabelInput } from './check-labels.ts';

/** A subject as a caller describes it. All but the external id may be left out. */
export interface SubjectInput {
  readonly externalId: string;
  readonly name?: string | null | undefined;
  readonly email?: string | null | undefined;
  readonly language?: string | null | undefined;
  readonly labels?: readonly LabelInput[] | null | undefined;
}

/** A subject for which a key is issued. */
export interface SubjectOwner {
  readonly kind: 'subject';
  readonly id: string;
  readonly labels: readonly LabelInput[];
  /** The subject that is made together with the key; undefined: it exists. */
  readonly made?: { readonly input: SubjectInput; readonly facts: OwnerFacts };
}

type OwnerFailure = Failure<'OwnerNotFound' | 'OwnerNotActive'>;

export interface SubjectRow {
  readonly id: string;
  readonly disabledAt: Date | null;
  readonly labels: readonly LabelInput[];
}

/** An id that stands for any subject of a realm, for permissions. */
export const ANY_SUBJECT = 'subject_';

/**
 * Checks the texts of a subject. An external id is taken as it is: code points are compared, without normalization and
 * without folding of case, so that two ids of the API are never one here.
 *
 * @throws BAD_USER_INPUT for a malformed field; FORBIDDEN for labels under `policy/` from others than administrators.
 */
export function checkSubject(
  caller: Caller,
  { externalId, name, email, language, labels }: SubjectInput,
  presentLabels: readonly LabelInput[] = [],
): void {
  checkExternalId(externalId);
  if (name != null) checkText('name', name, 100);
  if (email != null) checkEmail(email);
  const problem = language == null ? null : languageProblem(language);
  if (problem !== null) throw badUserInput(`language: ${problem}.`, ['input', 'language']);
  if (labels != null) checkLabels(caller, labels, presentLabels);
}

/** Throws BAD_USER_INPUT for a text that cannot be the external id of a subject. */
export function checkExternalId(externalId: string, path = ['input', 'externalId']): void {
  const problem = textProblem(externalId, { name: 'externalId', max: EXTERNAL_ID_MAX });
  if (problem !== null) throw badUserInput(problem, path);
}

/** Finds the subject with an id, as the owner of a key that is issued or transferred in a realm. */
export async function findSubjectById(
  { tx }: Change,
  id: string,
  realmId: string,
): Promise<SubjectOwner | OwnerFailure | null> {
  // No subject is disabled or removed while a key is issued for it.
  const [row] = await tx.$queryRaw<SubjectRow[]>`
    SELECT id, "disabledAt", labels FROM "Subject"
    WHERE id = ${id} AND "realmId" = ${realmId} AND "removedAt" IS NULL FOR SHARE`;
  return row === undefined ? null : toOwner(row);
}

/**
 * Finds the subject with an external id, or drafts it for its first key. `insertSubject` writes the draft. Returns
 * OwnerNotFound if the caller may not issue keys for it.
 */
export async function findOrDraftSubject(
  change: Change,
  caller: Caller,
  input: SubjectInput,
  realmId: string,
): Promise<SubjectOwner | OwnerFailure> {
  const { tx } = change;
  const notFound = fail('OwnerNotFound', 'There is no subject with this external id for whom you may issue keys.', {
    path: ['input', 'ownerOf'],
    remedy: 'Send the secret of a key with the scope keytide:manage in this realm.',
  });
  checkSubject(caller, input);
  const [row] = await tx.$queryRaw<SubjectRow[]>`
    SELECT id, "disabledAt", labels FROM "Subject"
    WHERE "realmId" = ${realmId} AND "externalId" = ${input.externalId} FOR SHARE`;
  if (row !== undefined) return may(caller, 'key.issue', { ownerId: row.id, realmId }) ? toOwner(row) : notFound;
  if (!may(caller, 'subject.manage', { ownerId: ANY_SUBJECT, realmId })) return notFound;
  return draftSubject(change, input, realmId);
}

/** Drafts a subject that is made with its first key. The rehearsal and all attempts at a change get the same draft. */
export function draftSubject(change: Change, input: SubjectInput, realmId: string): SubjectOwner {
  const { id, createdAt } = change.share(`subject ${realmId} ${input.externalId}`, () => {
    const now = change.now();
    return { id: newId('subject', now, change.core.random), createdAt: now };
  });
  const facts: OwnerFacts = {
    id,
    kind: 'SUBJECT',
    createdAt: createdAt.getTime(),
    lastSignInAt: null,
    isEmailVerified: true,
    disabledAt: null,
    memberCount: 1,
  };
  return { kind: 'subject', id, labels: input.labels ?? [], made: { input, facts } };
}

/** Returns a subject as the owner of a new key, unless it is disabled. */
export function toOwner({ id, disabledAt, labels }: SubjectRow): SubjectOwner | OwnerFailure {
  if (disabledAt === null) return { kind: 'subject', id, labels };
  return fail('OwnerNotActive', 'The subject is disabled.', {
    path: ['input', 'owner'],
    remedy: 'Enable the subject first.',
  });
}

/** A drafted subject that is ready to be written. */
export interface NewSubject {
  readonly id: string;
  readonly realmId: string;
  readonly createdAt: Date;
  readonly input: SubjectInput;
}

/** Writes one subject, as `insertSubjects` does. */
export function insertSubject(change: Change, caller: Caller, subject: NewSubject): Promise<void> {
  return insertSubjects(change, caller, [subject]);
}

/** Returns the subjects among the owners of new keys that are made with them, each once. */
export function listNewSubjects(realmId: string, owners: readonly object[]): readonly NewSubject[] {
  const made = new Map<string, NewSubject>();
  for (const owner of owners as readonly Partial<SubjectOwner>[]) {
    if (owner.made === undefined || owner.id === undefined) continue;
    const { facts, input } = owner.made;
    made.set(owner.id, { id: owner.id, realmId, createdAt: new Date(facts.createdAt), input });
  }
  return [...made.values()];
}

/**
 * Writes subjects in one statement and records SUBJECT_CREATED of each. If another change has made a subject with an equal external
 * id since, the change is run again.
 */
export async function insertSubjects(change: Change, caller: Caller, subjects: readonly NewSubject[]): Promise<void> {
  if (subjects.length === 0) return;
  const rows = subjects.map(({ id, realmId, createdAt, input: { externalId, name, email, language, labels } }) => ({
    id,
    realmId,
    externalId,
    name: name ?? null,
    email: email == null ? null : foldEmail(email),
    language: language ?? null,
    labels: (labels ?? []).map((label) => ({ name: label.name, value: label.value })),
    createdAt,
  }));
  const { count } = await change.tx.subject.createMany({ data: rows, skipDuplicates: true });
  if (count < rows.length) throw new RetryChange(`subjects from ${rows[0]?.id}`, null);
  const actor = actorOf(caller);
  change.record(
    ...rows.map(({ id, realmId, createdAt, labels }) => {
      return {
        type: 'SUBJECT_CREATED' as const,
        at: createdAt,
        realmId,
        ownerId: id,
        actor,
        data: { labels: listPolicyLabels(labels) },
      };
    }),
  );
}
