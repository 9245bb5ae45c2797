import { types } from 'node:util';
import { createForbidden } from './create-forbidden.ts';

/**
 * The globals that stay: ECMAScript without locales and without buffers, whose memory does not count against the heap limit. No
 * value that a module can get leads back to a removed global.
 */
const allowedGlobals = new Set(
  (
    'AggregateError Array BigInt Boolean Date Error EvalError Function Infinity Iterator JSON Map Math NaN Number Object ' +
    'Promise Proxy RangeError ReferenceError Reflect RegExp Set String Symbol SyntaxError TypeError URIError URL ' +
    'URLSearchParams WeakMap WeakSet atob btoa decodeURI decodeURIComponent encodeURI encodeURIComponent escape globalThis ' +
    'isFinite isNaN parseFloat parseInt undefined unescape ' +
    // Zod's own state.
    '__zod_globalConfig __zod_globalRegistry'
  ).split(' '),
);

/**
 * Removes everything impure from the global object, and freezes the language and the shared values, so that no module can change
 * what another one sees. Afterwards only those parts of Node can be used that were stored in a variable before. This cannot be
 * undone.
 *
 * Shared values are frozen shallowly, because zod completes its prototypes while it is used.
 */
export function makePure(shared: readonly unknown[]): void {
  replaceDate();
  Object.defineProperty(Math, 'random', { value: createForbidden('Math.random') });
  const everything = reachable(intrinsics());
  // Some globals of Node are created on first access, and need others for that. So the last defined ones are removed first.
  for (const name of Reflect.ownKeys(globalThis).toReversed()) replaceGlobal(name);
  for (const object of everything) {
    allowOverrides(object);
    Object.freeze(object);
  }
  for (const value of shared) if (!types.isModuleNamespaceObject(value)) Object.freeze(value);
  Object.freeze(globalThis);
}

/** Replaces Date by one that does not read the clock: a Date without arguments throws. All else about dates is arithmetic. */
function replaceDate(): void {
  const Original = Date;
  Object.defineProperty(Original, 'now', { value: createForbidden('Date.now') });
  const Pure = new Proxy(Original, {
    apply: () => refuseNow(),
    construct: (target, args, newTarget) =>
      args.length === 0 ? refuseNow() : Reflect.construct(target, args, newTarget),
  });
  Object.defineProperty(Original.prototype, 'constructor', { value: Pure });
  Object.defineProperty(globalThis, 'Date', { value: Pure });
}

function refuseNow(): never {
  throw new Error('The current time is not available. Policies are pure: use the third argument, the moment.');
}

function replaceGlobal(name: string | symbol): void {
  if (typeof name === 'symbol') Reflect.deleteProperty(globalThis, name);
  else if (!allowedGlobals.has(name))
    Reflect.defineProperty(globalThis, name, { value: createForbidden(name), writable: false });
}

/** Returns the intrinsics of the language: the allowed globals, and the objects that only syntax leads to. */
function intrinsics(): object[] {
  const bySyntax = [
    function* generator() {},
    async function* asyncGenerator() {},
    async function asyncFunction() {},
    [][Symbol.iterator](),
    ''[Symbol.iterator](),
    new Map().entries(),
    new Set().entries(),
    'a'.matchAll(/a/g),
    [].values().map(Number),
    Uint8Array.prototype,
    ArrayBuffer.prototype,
  ];
  const names = [...allowedGlobals].filter((name) => !name.startsWith('__zod'));
  const globals = names.map((name) => Reflect.get(globalThis, name) as unknown);
  return [...globals.filter(isObject), ...bySyntax.flatMap((value) => [value, Object.getPrototypeOf(value) as object])];
}

/** Returns the objects that can be reached from these through members and prototypes, without the global object. */
function reachable(roots: readonly object[]): Set<object> {
  const found = new Set<object>();
  const waiting = [...roots];
  for (let object = waiting.pop(); object !== undefined; object = waiting.pop()) {
    if (object === globalThis || found.has(object)) continue;
    found.add(object);
    const members = Object.values(Object.getOwnPropertyDescriptors(object));
    const values = members.flatMap(({ value, get, set }) => [value as unknown, get, set]);
    waiting.push(...[Object.getPrototypeOf(object) as unknown, ...values].filter(isObject));
  }
  return found;
}

const languageGetters = new WeakSet<() => unknown>();

/** Whether a getter belongs to the language, so that it runs no code of a module. */
export function isLanguageGetter(get: (() => unknown) | undefined): boolean {
  return get !== undefined && languageGetters.has(get);
}

/**
 * Lets objects override members of frozen prototypes. Without this, `error.name = …` on an object with a frozen prototype would
 * throw, although it changes only the object. Members of prototypes become accessors that define an own member on assignment.
 */
function allowOverrides(object: object): void {
  const isPrototype = Object.hasOwn(object, 'constructor');
  if (!isPrototype || object === Array.prototype) return;
  for (const [name, member] of Object.entries(Object.getOwnPropertyDescriptors(object))) {
    if (!('value' in member) || member.configurable !== true || member.writable !== true) continue;
    const { value, enumerable = false } = member;
    const get = Object.freeze(() => value as unknown);
    languageGetters.add(get);
    Object.defineProperty(object, name, {
      configurable: false,
      enumerable,
      get,
      set: Object.freeze(function override(this: object, own: unknown) {
        if (this === object) throw new TypeError(`${name} is shared by all policies and cannot be changed`);
        Object.defineProperty(this, name, { value: own, writable: true, enumerable: true, configurable: true });
      }),
    });
  }
}

function isObject(value: unknown): value is object {
  return (typeof value === 'object' && value !== null) || typeof value === 'function';
}
