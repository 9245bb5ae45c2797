import { checkEmail, foldEmail } from '../domain/check-email.ts';
import type { Role } from '../domain/caller.ts';
import { checkText } from '../domain/check-text.ts';
import { DURATION_MAX_MS, describeDuration } from '../domain/duration.ts';
import { originsProblem, pageProblem } from '../domain/origin.ts';
import { badUserInput } from '../domain/request-error.ts';
import { ceilingProblem, isReserved, type Scope } from '../domain/scope.ts';
import { foreignPatternProblem, LEAST_RANDOM_BITS } from '../domain/foreign-pattern.ts';
import { secretPrefixProblem } from '../domain/secret-prefix.ts';
import { POLICY_LABEL_PREFIX } from '../domain/selector.ts';
import type { SubjectCeiling } from '../domain/subject.ts';
import { quote } from '../domain/quote.ts';
import { labelNameProblem, labelValueProblem, textProblem } from '../domain/text.ts';

/** The most random bits that foreign secrets can be declared to have. */
const MOST_RANDOM_BITS = 1_024;

/** Maximum number of scopes in the ceiling of a role. */
const MOST_CEILING_SCOPES = 100;

/** The ceiling of a role: the scopes that its accounts may give to keys. */
export interface CeilingInput {
  readonly role: Role;
  readonly scopes: readonly Scope[];
}

/** An interval in which no key should stop by itself. */
export interface FreezeInput {
  readonly from: Date;
  readonly to: Date;
  readonly reason: string;
}

/** The secrets of other systems that verify in a realm. */
export interface ForeignSecretsInput {
  /** The pattern that they match; empty: none verify. */
  readonly pattern: string;
  readonly randomBits: number;
}

/** The mails of a realm to its subjects. */
export interface SubjectMailInput {
  /** Empty: the realm mails none. */
  readonly senderName: string;
  readonly replyTo?: string | null | undefined;
  /** The page of the API on which its customers see their keys. */
  readonly keysPage?: string | null | undefined;
}

/** Maximum number of freezes in a realm's calendar. */
const MOST_FREEZES = 100;

/** What happens to a key whose secret is reported as leaked. */
export const leakResponses = ['HOLD', 'REVOKE'] as const;

type LeakResponse = (typeof leakResponses)[number];

/** The settings of a realm. An omitted setting is unchanged; a new realm gets its default. */
export interface RealmSettings {
  readonly name?: string | null;
  readonly foldsCase?: boolean | null;
  readonly minimumNoticeMs?: number | null;
  readonly shortestLifetimeMs?: number | null;
  readonly longestLifetimeMs?: number | null;
  readonly ceilings?: readonly CeilingInput[] | null;
  readonly freezes?: readonly FreezeInput[] | null;
  readonly longestShiftMs?: number | null;
  readonly leakResponse?: LeakResponse | null;
  readonly signedTokens?: boolean | null;
  readonly secretPrefix?: string | null;
  readonly subjectCeilings?: readonly SubjectCeiling[] | null;
  readonly foreignSecrets?: ForeignSecretsInput | null;
  readonly subjectMail?: SubjectMailInput | null;
  readonly portalOrigins?: readonly string[] | null;
}

/** Minimum of each duration of a realm, in milliseconds. */
const leastMs = { shortestLifetime: 1, longestLifetime: 1, minimumNotice: 0, longestShift: 0 };

/** Throws BAD_USER_INPUT for invalid settings. */
export function checkRealmSettings(settings: RealmSettings): void {
  if (settings.name != null) checkText('name', settings.name, 100);
  const { shortestLifetimeMs: shortest, longestLifetimeMs: longest, minimumNoticeMs: notice } = settings;
  checkDuration('shortestLifetime', shortest);
  checkDuration('longestLifetime', longest);
  checkDuration('minimumNotice', notice);
  checkDuration('longestShift', settings.longestShiftMs);
  checkFreezes(settings.freezes ?? []);
  if (shortest != null && longest != null && shortest > longest) {
    const found = `found ${describeDuration(shortest)}, with a longestLifetime of ${describeDuration(longest)}`;
    throw badUserInput(`shortestLifetime: ${found}; expected at most the longestLifetime.`, [
      'input',
      'shortestLifetime',
    ]);
  }
  for (const ceiling of settings.ceilings ?? []) checkCeiling(ceiling);
  checkSubjectCeilings(settings.subjectCeilings ?? []);
  if (settings.secretPrefix != null) checkSecretPrefix(settings.secretPrefix);
  if (settings.foreignSecrets != null) checkForeignSecrets(settings.foreignSecrets);
  if (settings.subjectMail != null) checkSubjectMail(settings.subjectMail);
  checkPortalOrigins(settings.portalOrigins ?? []);
}

function checkSubjectMail({ senderName, replyTo, keysPage }: SubjectMailInput): void {
  const path = ['input', 'subjectMail'];
  const problem = senderName === '' ? null : textProblem(senderName, { name: 'senderName', max: 100 });
  if (problem !== null) throw badUserInput(`subjectMail: ${problem}.`, path);
  if (replyTo != null) checkEmail(replyTo, 'subjectMail, replyTo', path);
  const found = keysPage == null ? null : pageProblem(keysPage);
  if (found !== null) throw badUserInput(`subjectMail, keysPage: found another text; ${found}.`, path);
}

/** Returns the columns of a realm's mails to its subjects. */
export function subjectMailColumns({ senderName, replyTo, keysPage }: SubjectMailInput) {
  if (senderName === '') return { subjectMailName: null, subjectMailReplyTo: null, subjectMailPage: null };
  return {
    subjectMailName: senderName,
    subjectMailReplyTo: replyTo == null ? null : foldEmail(replyTo),
    subjectMailPage: keysPage == null ? null : new URL(keysPage).href,
  };
}

function checkPortalOrigins(origins: readonly string[]): void {
  const problem = originsProblem(origins);
  if (problem !== null) throw badUserInput(`portalOrigins: ${problem}.`, ['input', 'portalOrigins']);
}

function checkForeignSecrets({ pattern, randomBits }: ForeignSecretsInput): void {
  const path = ['input', 'foreignSecrets'];
  if (randomBits < LEAST_RANDOM_BITS || randomBits > MOST_RANDOM_BITS) {
    const expected = `${LEAST_RANDOM_BITS} to ${MOST_RANDOM_BITS}: secrets with fewer random bits can be guessed`;
    throw badUserInput(`foreignSecrets, randomBits: found ${randomBits}; expected ${expected}.`, path);
  }
  const problem = pattern === '' ? null : foreignPatternProblem(pattern, randomBits);
  if (problem !== null) throw badUserInput(`foreignSecrets, pattern: found ${quote(pattern)}; ${problem}.`, path);
}

/** Returns the columns of the foreign secrets that a realm accepts. */
export function foreignColumns({ pattern, randomBits }: ForeignSecretsInput) {
  return pattern === ''
    ? { foreignPattern: null, foreignRandomBits: null }
    : { foreignPattern: pattern, foreignRandomBits: randomBits };
}

function checkSecretPrefix(prefix: string): void {
  const problem = secretPrefixProblem(prefix);
  if (problem === null) return;
  throw badUserInput(`secretPrefix: found ${quote(prefix)}; ${problem}.`, ['input', 'secretPrefix']);
}

function checkDuration(field: keyof typeof leastMs, ms: number | null | undefined): void {
  if (ms == null || (ms >= leastMs[field] && ms <= DURATION_MAX_MS)) return;
  const bounds = `${describeDuration(leastMs[field])} to ${describeDuration(DURATION_MAX_MS)}`;
  throw badUserInput(`${field}: found ${describeDuration(ms)}; expected ${bounds}.`, ['input', field]);
}

function checkFreezes(freezes: readonly FreezeInput[]): void {
  const refuse = (problem: string) => badUserInput(`freezes: ${problem}`, ['input', 'freezes']);
  if (freezes.length > MOST_FREEZES) throw refuse(`found ${freezes.length}; expected at most ${MOST_FREEZES}.`);
  for (const { from, to, reason } of freezes) {
    const problem = textProblem(reason, { name: 'reason', max: 100 });
    if (problem !== null) throw refuse(problem);
    if (to <= from)
      throw refuse(
        `found a freeze from ${from.toISOString()} to ${to.toISOString()}; expected an end after the start.`,
      );
  }
}

/** Returns the rows of freezes: each interval once, with the last of its reasons. */
export function freezeRows(freezes: readonly FreezeInput[]): FreezeInput[] {
  const rows = freezes.map(
    ({ from, to, reason }) => [`${from.getTime()} ${to.getTime()}`, { from, to, reason }] as const,
  );
  return [...new Map(rows).values()];
}

/** Maximum number of ceilings of subjects in a realm. */
const MOST_SUBJECT_CEILINGS = 20;

function checkSubjectCeilings(ceilings: readonly SubjectCeiling[]): void {
  const refuse = (problem: string) => badUserInput(`subjectCeilings: ${problem}`, ['input', 'subjectCeilings']);
  if (ceilings.length > MOST_SUBJECT_CEILINGS)
    throw refuse(`found ${ceilings.length}; expected at most ${MOST_SUBJECT_CEILINGS}.`);
  for (const { label, scopes } of ceilings) {
    const problem = label === null ? null : (labelNameProblem(label.name) ?? labelValueProblem(label.value));
    if (problem !== null) throw refuse(problem);
    if (label !== null && !label.name.startsWith(POLICY_LABEL_PREFIX)) {
      throw refuse(
        `found the label ${label.name}; expected one under ${POLICY_LABEL_PREFIX}, which only administrators write.`,
      );
    }
    checkCeilingScopes(scopes, 'Omit the ceiling to allow nothing.', refuse);
    if (scopes.some(({ action }) => isReserved(action))) {
      throw refuse('found a reserved action; keys that a key issues for subjects never get one.');
    }
  }
}

/** Returns ceilings of subjects as their column stores them. */
export function storeSubjectCeilings(ceilings: readonly SubjectCeiling[]) {
  return ceilings.map(({ label, scopes }) => ({
    label: label === null ? null : { name: label.name, value: label.value },
    scopes: scopes.map(({ action, resource }) => ({ action, resource })),
  }));
}

function checkCeiling({ role, scopes }: CeilingInput): void {
  const refuse = (problem: string) => badUserInput(`ceilings, ${role}: ${problem}`, ['input', 'ceilings']);
  checkCeilingScopes(scopes, 'Omit a role to give it no ceiling.', refuse);
}

function checkCeilingScopes(scopes: readonly Scope[], advice: string, refuse: (problem: string) => Error): void {
  // An empty list reads as "no scopes", but would be stored as "no ceiling", which allows everything.
  if (scopes.length === 0 || scopes.length > MOST_CEILING_SCOPES) {
    const found = scopes.length === 0 ? 'no scope' : `${scopes.length} scopes`;
    throw refuse(`found ${found}; expected 1 to ${MOST_CEILING_SCOPES}. ${advice}`);
  }
  for (const scope of scopes) {
    const problem = ceilingProblem(scope);
    if (problem !== null) throw refuse(problem);
  }
}

/** Returns the rows of ceilings: each scope of a role once. */
export function ceilingRows(ceilings: readonly CeilingInput[]): (Scope & { readonly role: Role })[] {
  const rows = ceilings.flatMap(({ role, scopes }) =>
    scopes.map(
      ({ action, resource }) => [JSON.stringify([role, action, resource]), { role, action, resource }] as const,
    ),
  );
  return [...new Map(rows).values()];
}
