import { types } from 'node:util';
import { isLanguageGetter } from './make-pure.ts';

/** Longest text that is sent of what a module says, in UTF-16 code units; the gateway cuts it further. */
const TEXT_MAX = 1_000;

/** What was thrown, for people. Runs none of the module's code, and never throws. */
export function describeThrown(thrown: unknown): string {
  if (types.isProxy(thrown)) return 'a Proxy';
  if (types.isNativeError(thrown)) return describeError(thrown);
  if (typeof thrown === 'string') return JSON.stringify(thrown.slice(0, TEXT_MAX));
  if (thrown === null || ['number', 'boolean', 'undefined', 'bigint'].includes(typeof thrown)) return String(thrown);
  return typeof thrown === 'object' ? 'an object that is no Error' : `a ${typeof thrown}`;
}

/** Name and message. The stack is left alone: to make it runs accessors of the error. */
function describeError(error: Error): string {
  return `${textOf(error, 'name') ?? 'Error'}: ${(textOf(error, 'message') ?? '').slice(0, TEXT_MAX)}`;
}

/** A member that is a text, the object's own or inherited from one that is no Proxy. */
function textOf(object: object, name: string): string | null {
  for (
    let at: object | null = object;
    at !== null && !types.isProxy(at);
    at = Object.getPrototypeOf(at) as object | null
  ) {
    const member = Object.getOwnPropertyDescriptor(at, name);
    if (member === undefined) continue;
    const value: unknown = 'value' in member || isLanguageGetter(member.get) ? Reflect.get(object, name) : null;
    return typeof value === 'string' ? value : null;
  }
  return null;
}
