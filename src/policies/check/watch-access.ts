/** What a pure function must not use, and its name in findings. */
const outside: readonly [holder: object, names: readonly string[], what: string][] = [
  [Math, ['random'], 'randomness'],
  [performance, ['now', 'timeOrigin'], 'a clock'],
  [crypto, ['randomUUID', 'getRandomValues', 'subtle'], 'randomness'],
  [globalThis, ['process', 'Buffer', 'navigator'], 'the process'],
  [globalThis, ['fetch', 'WebSocket', 'EventSource'], 'the network'],
  [globalThis, ['setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask'], 'a timer'],
  [console, ['log', 'info', 'warn', 'error', 'debug'], 'the console'],
  [Date.prototype, localMembers(), 'the time zone of the machine'],
];

export interface AccessWatch {
  /** Runs a function, and returns what it accessed, such as "a clock (Date.now)". */
  run<Value>(run: () => Value): { readonly value: Value; readonly reached: readonly string[] };
  /** Starts watching. Returns a function that stops and returns what was accessed. */
  open(): () => readonly string[];
}

/**
 * Watches, from now on and for the whole thread, access to clocks, randomness, timers, the network, the process, and local time. The
 * accessed member still works. This finds mistakes, it does not isolate: isolation is the task of the policy process of a gateway.
 */
export function watchAccess(): AccessWatch {
  let reached: Set<string> | null = null;
  const note = (what: string, name: string) => reached?.add(`${what} (${name})`);
  for (const [holder, names, what] of outside)
    for (const name of names) watchMember(holder, name, () => note(what, name));
  watchDate(note);
  const open = () => {
    const seen = new Set<string>();
    reached = seen;
    return () => {
      reached = null;
      return [...seen];
    };
  };
  return {
    open,
    run(run) {
      const close = open();
      try {
        return { value: run(), reached: close() };
      } finally {
        close();
      }
    },
  };
}

function watchMember(holder: object, name: string, note: () => void): void {
  const original = findProperty(holder, name);
  if (original === undefined) return;
  Object.defineProperty(holder, name, {
    configurable: true,
    enumerable: original.enumerable ?? false,
    get(this: unknown) {
      note();
      return original.get === undefined ? original.value : original.get.call(holder);
    },
  });
}

function findProperty(holder: object, name: string): PropertyDescriptor | undefined {
  const own = Object.getOwnPropertyDescriptor(holder, name);
  if (own !== undefined) return own.configurable === true ? own : undefined;
  const parent: object | null = Object.getPrototypeOf(holder);
  return parent === null ? undefined : findProperty(parent, name);
}

/** Watches Date: without arguments it reads the clock, with several it uses the local time zone. */
function watchDate(note: (what: string, name: string) => void): void {
  globalThis.Date = new Proxy(Date, {
    construct(target, args, newTarget) {
      if (args.length === 0) note('a clock', 'new Date');
      if (args.length > 1) note('the time zone of the machine', 'new Date');
      return Reflect.construct(target, args, newTarget);
    },
    apply(target) {
      note('a clock', 'Date');
      return target();
    },
    get(target, name) {
      if (name === 'now') note('a clock', 'Date.now');
      return Reflect.get(target, name);
    },
  });
}

function localMembers(): string[] {
  const local = /^(get|set)(?!UTC|Time$)|^to(Locale|Date|Time)?(Date|Time)?String$/;
  return Object.getOwnPropertyNames(Date.prototype).filter((name) => local.test(name));
}
