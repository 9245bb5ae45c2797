import { types } from 'node:util';
import { createForbidden } from './create-forbidden.ts';

/**
 * What of the global object is left: ECMAScript without locales, and without buffers, whose memory no limit of the heap counts.
 * No value that a module can have leads back to those.
 */
const allowedGlobals = new Set(
  (
    'AggregateError Array BigInt Boolean Date Error EvalError Function Infinity Iterator JSON Map Math NaN Number Object ' +
    'Promise Proxy RangeError ReferenceError Reflect RegExp Set String Symbol SyntaxError TypeError URIError URL ' +
    'URLSearchParams WeakMap WeakSet atob btoa decodeURI decodeURIComponent encodeURI encodeURIComponent escape globalThis ' +
    'isFinite isNaN parseFloat parseInt undefined unescape ' +
    // What zod keeps for itself.
    '__zod_globalConfig __zod_globalRegistry'
  ).split(' '),
);

/**
 * Takes from the global object what a pure function has no business with, and freezes the language and what is shared, so that
 * no module changes what another one sees. After this nothing of Node's can be used but what was kept in a variable before. It
 * cannot be undone.
 *
 * What is shared is frozen, but not what it leads to: zod completes its prototypes while it is used.
 */
export function makePure(shared: readonly unknown[]): void {
  replaceDate();
  Object.defineProperty(Math, 'random', { value: createForbidden('Math.random') });
  const everything = reachable(intrinsics());
  // Some globals of Node only come into being when they are touched, and need others for it: the last defined go first.
  for (const name of Reflect.ownKeys(globalThis).toReversed()) replaceGlobal(name);
  for (const object of everything) {
    allowOverrides(object);
    Object.freeze(object);
  }
  for (const value of shared) if (!types.isModuleNamespaceObject(value)) Object.freeze(value);
  Object.freeze(globalThis);
}

/** A date of nothing is now. Everything else about dates is arithmetic. */
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
  throw new Error('The present time is not there: policies are pure, the moment is the third argument.');
}

function replaceGlobal(name: string | symbol): void {
  if (typeof name === 'symbol') Reflect.deleteProperty(globalThis, name);
  else if (!allowedGlobals.has(name))
    Reflect.defineProperty(globalThis, name, { value: createForbidden(name), writable: false });
}

/** What the language itself hands out: the kept globals, and what only syntax leads to. */
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

/** These objects, and all that their members and prototypes are. The global object itself is left out. */
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

/** Whether an accessor stands for a member of the language, and runs nothing of a module's. */
export function isLanguageGetter(get: (() => unknown) | undefined): boolean {
  return get !== undefined && languageGetters.has(get);
}

/**
 * Where a prototype is frozen, `error.name = …` on an object that inherits from it would throw, although it touches the object
 * alone. Members of prototypes therefore become accessors that let an inheritor have its own.
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
