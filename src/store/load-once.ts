import { LRUCache } from 'lru-cache';
import type { Core, Transaction } from './core.ts';

/** How many values are remembered for rehearsals, and for how long. */
const REMEMBERED_MAX = 1_000;
const REMEMBERED_MS = 5_000;

type Loads = Map<string, Promise<unknown>>;

const loads = new WeakMap<Transaction, Loads>();
const rehearsals = new WeakMap<Transaction, LRUCache<string, Promise<unknown>>>();
const memories = new WeakMap<Core['prisma'], LRUCache<string, Promise<unknown>>>();

/** Lets the steps of a change load rows together, from now to the end of its transaction (see `loadOnce`). */
export function shareLoads(tx: Transaction): void {
  loads.set(tx, new Map());
}

/**
 * Loads a value once for each change and name, so that steps of a change that need the same rows read them together. For
 * rows that the change itself does not write. Outside of a change each call loads.
 */
export function loadOnce<Value>(tx: Transaction, name: string, load: () => Promise<Value>): Promise<Value> {
  const known = loads.get(tx);
  if (known === undefined) return load();
  const loaded = (known.get(name) as Promise<Value> | undefined) ?? load();
  known.set(name, loaded);
  return loaded;
}

/**
 * Loads a value like `loadOnce`. In a rehearsal it may be one that an earlier rehearsal of this process loaded: the
 * transaction loads it again, and finds out if it has changed. For rows that change seldom, such as those of a realm.
 */
export function loadSteady<Value>(tx: Transaction, name: string, load: () => Promise<Value>): Promise<Value> {
  const memory = rehearsals.get(tx);
  if (memory === undefined) return loadOnce(tx, name, load);
  const known = memory.get(name) as Promise<Value> | undefined;
  if (known !== undefined) return known;
  const loaded = load();
  memory.set(name, loaded);
  loaded.catch(() => memory.delete(name));
  return loaded;
}

/** Lets a rehearsal use what earlier ones loaded from the same database. */
export function rememberLoads(tx: Transaction, prisma: Core['prisma']): void {
  const memory = memories.get(prisma) ?? new LRUCache({ max: REMEMBERED_MAX, ttl: REMEMBERED_MS });
  memories.set(prisma, memory);
  rehearsals.set(tx, memory);
}

/** Forgets what rehearsals loaded, because it may have changed. */
export function forgetLoads(prisma: Core['prisma']): void {
  memories.get(prisma)?.clear();
}
