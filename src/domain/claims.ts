import { globProblem, matchesGlob } from './glob.ts';
import { hasOnlyFields } from './has-only-fields.ts';
import { textProblem } from './text.ts';

/** The claims of a token, as its issuer signed them. */
export type Claims = { readonly [name: string]: unknown };

/** A rule's condition on one claim: an exact text or a glob. Exactly one of `equals` and `matches` is not null. */
export interface ClaimCondition {
  /** The name of a top-level claim, or, if it begins with /, a JSON pointer (RFC 6901) to a nested one. */
  readonly claim: string;
  readonly equals: string | null;
  readonly matches: string | null;
}

/** The longest name of a claim, and the longest text of a condition, in code points. */
export const CLAIM_NAME_MAX = 200;
export const CLAIM_TEXT_MAX = 512;

/** How much of a list or an object is shown, in characters. */
const DESCRIBED_MAX = 500;

/** Claims are compared exactly: providers sign case-sensitive values. */
const exactCase = { foldsCase: false };

/**
 * Returns the value of a claim as text: a string as it is, an integer or a boolean as in JSON. Null: the claim is missing, or has
 * another type.
 */
export function claimText(claims: Claims, claim: string): string | null {
  const value = valueOf(claims, claim);
  if (typeof value === 'string') return value;
  return typeof value === 'boolean' || Number.isSafeInteger(value) ? String(value) : null;
}

/**
 * Returns the value of a claim for people: as `claimText`, and a value of another type as JSON, at most 500 characters of it. Null:
 * the claim is missing or null.
 */
export function describeClaim(claims: Claims, claim: string): string | null {
  const text = claimText(claims, claim);
  if (text !== null || !hasClaim(claims, claim)) return text;
  const json = JSON.stringify(valueOf(claims, claim));
  return json.length > DESCRIBED_MAX ? `${json.slice(0, DESCRIBED_MAX)}…` : json;
}

/** Whether a claim is present and not null, whatever its type. */
export function hasClaim(claims: Claims, claim: string): boolean {
  return (valueOf(claims, claim) ?? null) !== null;
}

const conditionFields: ReadonlySet<string> = new Set<keyof ClaimCondition>(['claim', 'equals', 'matches']);

/**
 * Whether a token's claims meet a condition. A claim that is missing, or is not a string, an integer or a boolean, meets no
 * condition: a list or an object has no single value to compare. An empty string meets `equals: ""`. No claim meets a condition
 * with a field that this release does not know, as a newer one may store: without it the condition would accept more tokens.
 */
export function matchesCondition(condition: ClaimCondition, claims: Claims): boolean {
  const { claim, equals, matches } = condition;
  if (!hasOnlyFields(condition, conditionFields)) return false;
  const text = claimText(claims, claim);
  if (text === null) return false;
  return matches === null ? text === equals : matchesGlob(matches, text, exactCase);
}

/** Whether a text matches at least one of the globs. */
export function matchesAnyGlob(globs: readonly string[], text: string): boolean {
  return globs.some((glob) => matchesGlob(glob, text, exactCase));
}

/** Returns why a condition is malformed, with what was found and what is expected; null: it is well formed. */
export function conditionProblem({ claim, equals, matches }: ClaimCondition): string | null {
  const nameProblem = claimNameProblem(claim);
  if (nameProblem !== null) return nameProblem;
  if ((equals === null) === (matches === null))
    return 'found both or neither of equals and matches; expected exactly one';
  // Providers sign empty claims, such as GitHub's `base_ref` of a push.
  if (equals === '') return null;
  const textual = textProblem(equals ?? matches ?? '', { name: 'the text of a condition', max: CLAIM_TEXT_MAX });
  return textual ?? (matches === null ? null : globProblem(matches));
}

/** Returns why a text cannot be the name of a claim; null: it can. */
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
