import { globProblem, includesGlob, matchesGlob, type GlobOptions } from './glob.ts';
import { quote, textProblem } from './text.ts';

/** What a key may do: an action of its realm's catalogue, on the resources that a glob matches (see `matchesGlob`). */
export interface Scope {
  action: string;
  resource: string;
}

/** The longest action and resource glob, in characters. */
export const ACTION_MAX = 64;
export const RESOURCE_MAX = 512;

const reservedPrefix = 'keytide:';

/** The actions that Keytide itself gives a meaning in every realm. They are named one by one: no wildcard matches them. */
export const reservedActions = {
  'keytide:verify': 'Ask whether keys of the realm are good.',
  'keytide:read': "Read its owner's keys in the realm, and their events.",
  'keytide:issue': "Issue keys in the realm whose scopes are included in its own, for the key's owner.",
} as const;

const reservedNames = Object.keys(reservedActions).join(', ');

export type ReservedAction = keyof typeof reservedActions;

/** Whether an action belongs to Keytide, known or not: it begins with `keytide:`, however the letters are written. */
export function isReserved(action: string): boolean {
  return action.toLowerCase().startsWith(reservedPrefix);
}

/**
 * Whether any of the granted scopes allows an action on a resource. Actions are compared as they are written, resources
 * as the realm does. A ceiling's `*` and `prefix:*` allow every action, or those that begin with `prefix:`, but no
 * reserved one. Linear in each scope and the resource.
 */
export function covers(granted: readonly Scope[], action: string, resource: string, options: GlobOptions): boolean {
  return granted.some((scope) => {
    return matchesAction(scope.action, action) && matchesGlob(scope.resource, resource, options);
  });
}

/**
 * Whether one of the outer scopes allows all that the inner one does, whose action may be a ceiling's pattern as well.
 * Never true when it is not so. What no single outer scope includes is not included, also where several together would
 * (`a` and `b` do not make `*`, even where a catalogue has no other action).
 */
export function includesScope(outer: readonly Scope[], inner: Scope, options: GlobOptions): boolean {
  return outer.some((scope) => {
    return includesAction(scope.action, inner.action) && includesGlob(scope.resource, inner.resource, options);
  });
}

/** Why a scope is malformed as an entry of a key, with what was found and what is expected, or null when it is not. */
export function scopeProblem(scope: Scope): string | null {
  return textsProblem(scope) ?? actionProblem(scope.action) ?? resourceGlobProblem(scope.resource);
}

/** The same for an entry of a ceiling, whose action may be `*`, or end in `:*`: all actions, or a family of them. */
export function ceilingProblem(scope: Scope): string | null {
  return textsProblem(scope) ?? actionPatternProblem(scope.action) ?? resourceGlobProblem(scope.resource);
}

function textsProblem({ action, resource }: Scope): string | null {
  return plainTextProblem('action', action, ACTION_MAX) ?? plainTextProblem('resource', resource, RESOURCE_MAX);
}

function plainTextProblem(name: string, value: string, max: number): string | null {
  const problem = textProblem(value, { name, max });
  if (problem !== null || value.trim() === value) return problem;
  return `${name} ${quote(value)} begins or ends with white space; none is accepted there`;
}

function actionProblem(action: string): string | null {
  if (action.includes('*')) return `action ${quote(action)} has a wildcard; a key's actions are named one by one`;
  if (!isReserved(action) || Object.hasOwn(reservedActions, action)) return null;
  return `action ${quote(action)} is not one of the reserved actions; these are ${reservedNames}`;
}

function actionPatternProblem(action: string): string | null {
  const prefix = wildcardPrefix(action);
  if (prefix === '') return null;
  if (prefix === null ? action.includes('*') : prefix.includes('*') || prefix === ':') {
    return `action ${quote(action)} has a wildcard where none is known; write an action, prefix:* or *`;
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
  const prefix = wildcardPrefix(pattern);
  return prefix === null ? pattern === action : !isReserved(action) && action.startsWith(prefix);
}

function includesAction(outer: string, inner: string): boolean {
  const innerPrefix = wildcardPrefix(inner);
  if (innerPrefix === null) return matchesAction(outer, inner);
  const outerPrefix = wildcardPrefix(outer);
  return outerPrefix !== null && innerPrefix.startsWith(outerPrefix);
}

/** What an action begins with to match the pattern, `''` for `*`; null when the pattern is an action itself. */
function wildcardPrefix(pattern: string): string | null {
  return pattern === '*' || pattern.endsWith(':*') ? pattern.slice(0, -1) : null;
}
