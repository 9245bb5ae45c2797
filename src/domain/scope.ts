import { globProblem, includesGlob, matchesGlob, type GlobOptions } from './glob.ts';
import { quote } from './quote.ts';
import { textProblem } from './text.ts';

/** A permission of a key: an action of its realm's catalogue on the resources that a glob matches (see `matchesGlob`). */
export interface Scope {
  action: string;
  resource: string;
}

/** The longest action and the longest resource glob, in code points. */
export const ACTION_MAX = 64;
export const RESOURCE_MAX = 512;

const reservedPrefix = 'keytide:';

/** The code of `*`. */
const starCode = 0x2a;

/** The actions that have a meaning to Keytide itself, in every realm. No wildcard matches them: scopes name them one by one. */
export const reservedActions = {
  'keytide:verify': 'Verify keys of the realm.',
  'keytide:read': "Read its owner's keys in the realm, and their events.",
  'keytide:issue': "Issue keys in the realm whose scopes are included in its own, for the key's owner.",
  'keytide:follow': 'Copy what verifications of the realm depend on, and follow its changes.',
  'keytide:manage': 'Manage the keys of the realm’s subjects.',
} as const;

const reservedNames = Object.keys(reservedActions).join(', ');

export type ReservedAction = keyof typeof reservedActions;

/** Whether an action is reserved for Keytide, known or unknown: it begins with `keytide:` in upper or lower case. */
export function isReserved(action: string): boolean {
  return action.toLowerCase().startsWith(reservedPrefix);
}

/** Whether an action is one of the reserved actions that exist. */
export function isReservedAction(action: string): action is ReservedAction {
  return Object.hasOwn(reservedActions, action);
}

/**
 * Whether a granted scope allows an action on a resource. Actions are compared exactly, resources as the realm compares them. In a
 * ceiling `*` allows every action and `prefix:*` every action that begins with `prefix:`, except reserved ones. Takes linear time
 * in each scope and the resource.
 */
export function covers(granted: readonly Scope[], action: string, resource: string, options: GlobOptions): boolean {
  // Not by `some`, whose closure costs as much as a match of a frozen list.
  for (const scope of granted) {
    if (matchesAction(scope.action, action) && matchesGlob(scope.resource, resource, options)) return true;
  }
  return false;
}

/**
 * Whether a single outer scope allows everything that the inner scope allows. The inner action may be a ceiling's pattern. There are
 * no false positives. Outer scopes are not combined: `a` and `b` together do not include `*`, even if the catalogue has no other
 * action.
 */
export function includesScope(outer: readonly Scope[], inner: Scope, options: GlobOptions): boolean {
  return outer.some((scope) => {
    return includesAction(scope.action, inner.action) && includesGlob(scope.resource, inner.resource, options);
  });
}

/** Returns why a key's scope is malformed, with what was found and what is expected; null: it is well formed. */
export function scopeProblem(scope: Scope): string | null {
  return textsProblem(scope) ?? actionProblem(scope.action) ?? resourceGlobProblem(scope.resource);
}

/** Returns why a ceiling's scope is malformed; null: it is well formed. Its action may also be `*` or end in `:*`. */
export function ceilingProblem(scope: Scope): string | null {
  return textsProblem(scope) ?? actionPatternProblem(scope.action) ?? resourceGlobProblem(scope.resource);
}

function textsProblem({ action, resource }: Scope): string | null {
  return plainTextProblem('action', action, ACTION_MAX) ?? plainTextProblem('resource', resource, RESOURCE_MAX);
}

function plainTextProblem(name: string, value: string, max: number): string | null {
  const problem = textProblem(value, { name, max });
  if (problem !== null || value.trim() === value) return problem;
  return `${name} ${quote(value)} begins or ends with white space; remove it`;
}

function actionProblem(action: string): string | null {
  if (action.includes('*')) return `action ${quote(action)} has a wildcard; name a key's actions one by one`;
  if (!isReserved(action) || isReservedAction(action)) return null;
  return `action ${quote(action)} is not a reserved action; reserved actions are ${reservedNames}`;
}

function actionPatternProblem(action: string): string | null {
  const prefix = wildcardPrefix(action);
  if (prefix === '') return null;
  if (prefix === null ? action.includes('*') : prefix.includes('*') || prefix === ':') {
    return `action ${quote(action)} has a wildcard in the wrong place; write an action, prefix:* or *`;
  }
  if (prefix === null) return actionProblem(action);
  if (isReserved(prefix)) {
    return `action ${quote(action)} has a wildcard for reserved actions; name them one by one: ${reservedNames}`;
  }
  return null;
}

function resourceGlobProblem(resource: string): string | null {
  const problem = globProblem(resource);
  return problem === null ? null : `resource ${quote(resource)}: ${problem}`;
}

function matchesAction(pattern: string, action: string): boolean {
  // A wildcard is the last character of a pattern.
  if (pattern.charCodeAt(pattern.length - 1) !== starCode) return pattern === action;
  const prefix = wildcardPrefix(pattern);
  return prefix === null ? pattern === action : !isReserved(action) && action.startsWith(prefix);
}

function includesAction(outer: string, inner: string): boolean {
  const innerPrefix = wildcardPrefix(inner);
  if (innerPrefix === null) return matchesAction(outer, inner);
  const outerPrefix = wildcardPrefix(outer);
  return outerPrefix !== null && innerPrefix.startsWith(outerPrefix);
}

/** Returns the prefix that a pattern matches, `''` for `*`; null: the pattern is a plain action. */
function wildcardPrefix(pattern: string): string | null {
  return pattern === '*' || pattern.endsWith(':*') ? pattern.slice(0, -1) : null;
}
