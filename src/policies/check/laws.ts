import type { Instant } from '../contract.ts';
import { ask, tell, type Answer, type Asking } from './ask.ts';
import { between } from './between.ts';
import { FIRST_ISSUE, type Look } from './draw-facts.ts';
import type { Draw } from './seeded-draw.ts';
import { deepFreeze } from './deep-freeze.ts';

/** The moments that a policy gives a key; of these the warning alone stops nothing. */
interface Moments {
  readonly cap: Instant | null;
  readonly warnAt: Instant | null;
  readonly holdAt: Instant | null;
  readonly expireAt: Instant | null;
}

const names = ['cap', 'warnAt', 'holdAt', 'expireAt'] as const;

/** A key that is looked at later stops when it was said to. Renewals, and what may be asked for, may depend on the moment. */
export function checkTimeless(asking: Asking, draw: Draw, look: Look, said: Answer): void {
  const later = { ...look, moment: look.moment + 1 + draw.below(LATEST) };
  const [before, after] = [momentsOf(said), momentsOf(ask(asking, later))];
  for (const name of names) {
    if (before[name] === after[name]) continue;
    const moved = `${name} is ${shown(before[name])}, and at ${shown(later.moment)} with the same facts ${shown(after[name])}`;
    tell(asking, 'timeless', moved, look);
  }
}

/** So much later a key is looked at again, at most: 2 years. */
const LATEST = 2 * 365 * 86_400_000;

/**
 * A key that is used once more does not stop sooner. The days of its use are left as they are: a policy may well read a
 * closer rhythm from a new day, and notice is given of what follows.
 */
export function checkMoreUse(asking: Asking, draw: Draw, look: Look, said: Answer): void {
  const { use } = look.facts;
  const usedAt = between(draw, use.activeAt, look.moment);
  const after = momentsOf(
    ask(asking, withUse(look, { activeAt: usedAt, lastUsedAt: usedAt, firstUsedAt: use.firstUsedAt ?? usedAt })),
  );
  const before = momentsOf(said);
  for (const name of names) {
    if ((after[name] ?? Infinity) >= (before[name] ?? Infinity)) continue;
    const nearer = `${name} is ${shown(before[name])}, and with a use at ${shown(usedAt)} it is ${shown(after[name])}`;
    tell(asking, 'use', nearer, look);
  }
}

/** What is dormant when it is no longer used is dormant as well when it was never used (law 6). */
export function checkAge(asking: Asking, look: Look, said: Answer): void {
  if (look.facts.use.lastUsedAt === null) return;
  const never = withUse(look, { firstUsedAt: null, lastUsedAt: null, days: [], consumers: [] });
  const [used, unused] = [momentsOf(said), momentsOf(ask(asking, never))];
  for (const name of names) {
    if (used[name] === null || unused[name] !== null) continue;
    tell(asking, 'age', `${name} is ${shown(used[name])}, and null for the same key never used`, look);
  }
}

/** What lies before all keys was counted from an instant that is null: to arithmetic that is 1970. */
export function checkCounted(asking: Asking, look: Look, said: Answer): void {
  const moments = momentsOf(said);
  for (const name of names) {
    const at = moments[name];
    if (at === null || at >= FIRST_ISSUE) continue;
    tell(
      asking,
      'counted',
      `${name} is ${shown(at)}, before anybody issued a key: what it counts from may be null`,
      look,
    );
  }
}

function withUse({ facts, moment }: Look, use: Partial<Look['facts']['use']>): Look {
  return { facts: deepFreeze({ ...facts, use: { ...facts.use, ...use } }), moment };
}

function momentsOf({ expiry, dormancy }: Answer): Moments {
  return {
    cap: expiry?.cap?.at ?? null,
    warnAt: dormancy?.warnAt ?? null,
    holdAt: dormancy?.holdAt ?? null,
    expireAt: dormancy?.expireAt ?? null,
  };
}

function shown(at: Instant | null): string {
  return at === null ? 'never' : new Date(at).toISOString();
}
