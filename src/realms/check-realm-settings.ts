import type { Role } from '../domain/caller.ts';
import { checkText } from '../domain/check-text.ts';
import { DURATION_MAX_MS, describeDuration } from '../domain/duration.ts';
import { badUserInput } from '../domain/request-error.ts';
import { ceilingProblem, type Scope } from '../domain/scope.ts';
import { textProblem } from '../domain/text.ts';

/** The most scopes that the ceiling of one role may have. */
const MOST_CEILING_SCOPES = 100;

/** The most that keys issued by accounts of a role may be given. */
export interface CeilingInput {
  readonly role: Role;
  readonly scopes: readonly Scope[];
}

/** A time in which nothing is to stop by itself. */
export interface FreezeInput {
  readonly from: Date;
  readonly to: Date;
  readonly reason: string;
}

/** The most freezes that a realm's calendar may have. */
const MOST_FREEZES = 100;

/** What becomes of a key whose secret is reported as leaked. */
export const leakResponses = ['HOLD', 'REVOKE'] as const;

type LeakResponse = (typeof leakResponses)[number];

/** What a realm is set to; left out: as it is, and for a new one the defaults. */
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
}

/** The shortest that each of a realm's durations may be, in milliseconds. */
const leastMs = { shortestLifetime: 1, longestLifetime: 1, minimumNotice: 0, longestShift: 0 };

/** Throws for settings that no realm can have. */
export function checkRealmSettings(settings: RealmSettings): void {
  if (settings.name != null) checkText('name', settings.name, 100);
  const { shortestLifetimeMs: shortest, longestLifetimeMs: longest, minimumNoticeMs: notice } = settings;
  checkDuration('shortestLifetime', shortest);
  checkDuration('longestLifetime', longest);
  checkDuration('minimumNotice', notice);
  checkDuration('longestShift', settings.longestShiftMs);
  checkFreezes(settings.freezes ?? []);
  if (shortest != null && longest != null && shortest > longest) {
    const found = `found ${describeDuration(shortest)} as the shortest life and ${describeDuration(longest)} as the longest`;
    throw badUserInput(`shortestLifetime: ${found}; the shortest is no longer than the longest.`, [
      'input',
      'shortestLifetime',
    ]);
  }
  for (const ceiling of settings.ceilings ?? []) checkCeiling(ceiling);
}

function checkDuration(field: keyof typeof leastMs, ms: number | null | undefined): void {
  if (ms == null || (ms >= leastMs[field] && ms <= DURATION_MAX_MS)) return;
  const bounds = `from ${describeDuration(leastMs[field])} to ${describeDuration(DURATION_MAX_MS)}`;
  throw badUserInput(`${field}: found ${describeDuration(ms)}; it may be ${bounds}.`, ['input', field]);
}

function checkFreezes(freezes: readonly FreezeInput[]): void {
  const refuse = (problem: string) => badUserInput(`freezes: ${problem}`, ['input', 'freezes']);
  if (freezes.length > MOST_FREEZES) throw refuse(`found ${freezes.length}; a calendar has at most ${MOST_FREEZES}.`);
  for (const { from, to, reason } of freezes) {
    const problem = textProblem(reason, { name: 'reason', max: 100 });
    if (problem !== null) throw refuse(problem);
    if (to <= from) throw refuse(`found one that ends at ${to.toISOString()}, when it has not begun.`);
  }
}

/** The rows of freezes: each time once, the last of those that are given twice. */
export function freezeRows(freezes: readonly FreezeInput[]): FreezeInput[] {
  const rows = freezes.map(
    ({ from, to, reason }) => [`${from.getTime()} ${to.getTime()}`, { from, to, reason }] as const,
  );
  return [...new Map(rows).values()];
}

function checkCeiling({ role, scopes }: CeilingInput): void {
  const refuse = (problem: string) => badUserInput(`ceilings, ${role}: ${problem}`, ['input', 'ceilings']);
  // An empty list reads as "nothing", and would be stored as "no ceiling": everything.
  if (scopes.length === 0 || scopes.length > MOST_CEILING_SCOPES) {
    const found = scopes.length === 0 ? 'no scope' : `${scopes.length} scopes`;
    throw refuse(
      `found ${found}; a role that is listed has 1 to ${MOST_CEILING_SCOPES}, one that is not has no ceiling.`,
    );
  }
  for (const scope of scopes) {
    const problem = ceilingProblem(scope);
    if (problem !== null) throw refuse(problem);
  }
}

/** The rows of ceilings: each scope of a role once, however often it is listed. */
export function ceilingRows(ceilings: readonly CeilingInput[]): (Scope & { readonly role: Role })[] {
  const rows = ceilings.flatMap(({ role, scopes }) =>
    scopes.map(
      ({ action, resource }) => [JSON.stringify([role, action, resource]), { role, action, resource }] as const,
    ),
  );
  return [...new Map(rows).values()];
}
