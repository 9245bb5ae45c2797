import { globProblem, matchesGlob } from './glob.ts';
import { textProblem } from './text.ts';

/** What a token says, as its issuer has signed it. */
export type Claims = { readonly [name: string]: unknown };

/** What a rule asks of one claim: one text, or a glob. Exactly one of the two is given. */
export interface ClaimCondition {
  /** A name, or where it begins with / a JSON pointer (RFC 6901) to what is nested. */
  readonly claim: string;
  readonly equals: string | null;
  readonly matches: string | null;
}

/** The longest name of a claim, and the longest text that is asked of one, in characters. */
export const CLAIM_NAME_MAX = 200;
export const CLAIM_TEXT_MAX = 512;

/** Matched sign for sign: nothing that providers sign is folded. */
const exactCase = { foldsCase: false };

/**
 * What a claim says as a text: a string as it is, a whole number or a truth value as JSON has it. Null: it is not there, or
 * is of no such type.
 */
export function claimText(claims: Claims, claim: string): string | null {
  const value = valueOf(claims, claim);
  if (typeof value === 'string') return value;
  return typeof value === 'boolean' || Number.isSafeInteger(value) ? String(value) : null;
}

/** Whether a claim says something, of whatever type. */
export function hasClaim(claims: Claims, claim: string): boolean {
  return (valueOf(claims, claim) ?? null) !== null;
}

/** Whether a condition holds. Of a claim that is not there none does. */
export function matchesCondition({ claim, equals, matches }: ClaimCondition, claims: Claims): boolean {
  const text = claimText(claims, claim);
  if (text === null) return false;
  return matches === null ? text === equals : matchesGlob(matches, text, exactCase);
}

/** Whether a text is among those that some globs stand for. */
export function matchesAnyGlob(globs: readonly string[], text: string): boolean {
  return globs.some((glob) => matchesGlob(glob, text, exactCase));
}

/** Why a condition is malformed, with what was found and what is expected, or null when it is not. */
export function conditionProblem({ claim, equals, matches }: ClaimCondition): string | null {
  const nameProblem = claimNameProblem(claim);
  if (nameProblem !== null) return nameProblem;
  if ((equals === null) === (matches === null)) return 'a condition has one of equals and matches';
  const textual = textProblem(equals ?? matches ?? '', { name: 'the text of a condition', max: CLAIM_TEXT_MAX });
  return textual ?? (matches === null ? null : globProblem(matches));
}

/** Why a text names no claim, or null when it does. */
export function claimNameProblem(claim: string): string | null {
  return textProblem(claim, { name: 'the name of a claim', max: CLAIM_NAME_MAX });
}

function valueOf(claims: Claims, claim: string): unknown {
  return claim.startsWith('/') ? valueAtPointer(claims, claim) : ownValue(claims, claim);
}

function valueAtPointer(claims: Claims, pointer: string): unknown {
  const names = pointer
    .slice(1)
    .split('/')
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
  return names.reduce<unknown>((value, name) => ownValue(value, name), claims);
}

function ownValue(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  return Object.hasOwn(value, name) ? (value as Claims)[name] : undefined;
}
