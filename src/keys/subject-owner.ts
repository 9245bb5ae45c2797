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
import { checkLabels, type LabelInput } from './check-labels.ts';

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

interface SubjectRow {
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
  const { tx, core } = change;
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
  const { id, createdAt } = change.share(`subject ${realmId} ${input.externalId}`, () => {
    const now = change.now();
    return { id: newId('subject', now, core.random), createdAt: now };
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

function toOwner({ id, disabledAt, labels }: SubjectRow): SubjectOwner | OwnerFailure {
  if (disabledAt === null) return { kind: 'subject', id, labels };
  return fail('OwnerNotActive', 'The subject is disabled.', {
    path: ['input', 'owner'],
    remedy: 'Enable the subject first.',
  });
}

/**
 * Writes a subject and records SUBJECT_CREATED. If another change has made a subject with the same external id since,
 * the change is run again.
 */
export async function insertSubject(
  change: Change,
  caller: Caller,
  { id, realmId, createdAt, input }: { id: string; realmId: string; createdAt: Date; input: SubjectInput },
): Promise<void> {
  const { externalId, name, email, language, labels } = input;
  const labelRows = (labels ?? []).map((label) => ({ name: label.name, value: label.value }));
  const { count } = await change.tx.subject.createMany({
    data: {
      id,
      realmId,
      externalId,
      name: name ?? null,
      email: email == null ? null : foldEmail(email),
      language: language ?? null,
      labels: labelRows,
      createdAt,
    },
    skipDuplicates: true,
  });
  if (count === 0) throw new RetryChange(`subject ${id}`, null);
  change.record({
    type: 'SUBJECT_CREATED',
    at: createdAt,
    realmId,
    ownerId: id,
    actor: actorOf(caller),
    data: { labels: labelRows },
  });
}
