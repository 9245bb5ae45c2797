import { types } from 'node:util';
import { isLanguageGetter } from './make-pure.ts';

/** The longest message of a module that is sent, in UTF-16 code units. The gateway shortens it further. */
const TEXT_MAX = 1_000;

/** Describes a thrown value for people. Runs none of the module's code, and never throws. */
export function describeThrown(thrown: unknown): string {
  if (types.isProxy(thrown)) return 'a Proxy';
  if (types.isNativeError(thrown)) return describeError(thrown);
  if (typeof thrown === 'string') return JSON.stringify(thrown.slice(0, TEXT_MAX));
  if (thrown === null || ['number', 'boolean', 'undefined', 'bigint'].includes(typeof thrown)) return String(thrown);
  return typeof thrown === 'object' ? 'an object that is not an Error' : `a ${typeof thrown}`;
}

/** Returns name and message, without the stack: computing it could run accessors of the error. */
function describeError(error: Error): string {
  return `${textOf(error, 'name') ?? 'Error'}: ${(textOf(error, 'message') ?? '').slice(0, TEXT_MAX)}`;
}

/** Returns a text member, own or inherited, without passing a Proxy; null: there is none. */
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
