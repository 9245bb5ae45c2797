import { types } from 'node:util';
import type { Json } from '../../../domain/event.ts';

/** The largest verdict, in UTF-16 code units of its JSON. */
const VERDICT_MAX = 8_192;
/** The shortest member in JSON, with its comma. */
const MEMBER_MIN = 5;
const DEPTH_MAX = 4;
/** The most code units of a code unit of a string, and of a number, in JSON. */
const ESCAPED_MAX = 6;
const NUMBER_MAX = 25;

/**
 * Checks that the return value of a module's function is plain data: no promise, Proxy, accessor, NaN or class instance. Runs none
 * of the module's code. `place` names the value in the problem.
 */
export function toPlainVerdict(value: unknown, place: string): { readonly plain: Json } | { readonly problem: string } {
  const problem = problemOf(value, place, DEPTH_MAX);
  if (problem !== null) return { problem };
  const plain = value as Json;
  const isLarge = longestJson(plain) > VERDICT_MAX && JSON.stringify(plain).length > VERDICT_MAX;
  return isLarge ? { problem: `${place} is larger than 8 kB` } : { plain };
}

/** Returns a length that the JSON of plain data does not exceed. */
function longestJson(value: Json): number {
  if (typeof value === 'string') return value.length * ESCAPED_MAX + 2;
  if (typeof value !== 'object' || value === null) return NUMBER_MAX;
  let length = 2;
  for (const name of Object.keys(value)) {
    length += name.length * ESCAPED_MAX + 4 + longestJson((value as Readonly<Record<string, Json>>)[name] ?? null);
  }
  return length;
}

function problemOf(value: unknown, place: string, depth: number): string | null {
  if (value === null || typeof value === 'boolean') return null;
  if (typeof value === 'number') return Number.isFinite(value) ? null : `${place} is ${value}`;
  if (typeof value === 'string') return value.length > VERDICT_MAX ? `${place} is larger than 8 kB` : null;
  if (value === undefined) return `${place} is undefined; use null for no opinion`;
  if (typeof value !== 'object') return `${place} is a ${typeof value}`;
  if (types.isProxy(value)) return `${place} is a Proxy`;
  if (types.isPromise(value)) return `${place} is a promise; policies must return synchronously`;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return `${place} is not a plain object`;
  if (depth === 0) return `${place} is nested too deeply`;
  return problemOfMembers(value, place, depth);
}

function problemOfMembers(value: object, place: string, depth: number): string | null {
  const names = Reflect.ownKeys(value);
  if (names.length * MEMBER_MIN > VERDICT_MAX) return `${place} is larger than 8 kB`;
  for (const name of names) {
    if (typeof name === 'symbol') return `${place} has a member whose name is a symbol`;
    const member = Object.getOwnPropertyDescriptor(value, name);
    const at = `${place}.${name.slice(0, 40)}`;
    if (member === undefined || !('value' in member)) return `${at} is computed by an accessor`;
    if (name === 'toJSON' || name === '__proto__') return `${at} is not a member of a verdict`;
    const problem = problemOf(member.value, at, depth - 1);
    if (problem !== null) return problem;
  }
  return null;
}
