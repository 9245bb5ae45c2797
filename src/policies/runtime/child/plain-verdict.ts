import { types } from 'node:util';
import type { Json } from '../../../domain/event.ts';

/** Most that one verdict may be, in UTF-16 code units of its JSON. */
const VERDICT_MAX = 8_192;
const DEPTH_MAX = 4;

/**
 * What a function of a module answered, as plain data, or what of it is none: a promise, a Proxy, an accessor, NaN, a class of
 * the module's own. Runs none of the module's code. `place` begins the sentence that tells.
 */
export function toPlainVerdict(
  answer: unknown,
  place: string,
): { readonly plain: Json } | { readonly problem: string } {
  const problem = problemOf(answer, place, DEPTH_MAX);
  if (problem !== null) return { problem };
  const plain = answer as Json;
  const { length } = JSON.stringify(plain);
  return length > VERDICT_MAX ? { problem: `${place} is larger than 8 kB` } : { plain };
}

function problemOf(value: unknown, place: string, depth: number): string | null {
  if (value === null || typeof value === 'boolean') return null;
  if (typeof value === 'number') return Number.isFinite(value) ? null : `${place} is ${value}`;
  if (typeof value === 'string') return value.length > VERDICT_MAX ? `${place} is larger than 8 kB` : null;
  if (value === undefined) return `${place} is undefined; null is what says nothing`;
  if (typeof value !== 'object') return `${place} is a ${typeof value}`;
  if (types.isProxy(value)) return `${place} is a Proxy`;
  if (types.isPromise(value)) return `${place} is a promise; policies answer at once`;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return `${place} is no plain object`;
  if (depth === 0) return `${place} is nested too deeply`;
  return problemOfMembers(value, place, depth);
}

function problemOfMembers(value: object, place: string, depth: number): string | null {
  for (const name of Reflect.ownKeys(value)) {
    if (typeof name === 'symbol') return `${place} has a member that is named by a symbol`;
    const member = Object.getOwnPropertyDescriptor(value, name);
    const at = `${place}.${name.slice(0, 40)}`;
    if (member === undefined || !('value' in member)) return `${at} is computed by an accessor`;
    if (name === 'toJSON' || name === '__proto__') return `${at} is no member of a verdict`;
    const problem = problemOf(member.value, at, depth - 1);
    if (problem !== null) return problem;
  }
  return null;
}
