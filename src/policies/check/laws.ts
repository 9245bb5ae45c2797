import type { Instant } from '../contract.ts';
import { callPolicy, addFinding, type PolicyVerdicts, type CheckContext } from './call-policy.ts';
import { drawBetween } from './draw-between.ts';
import { FIRST_ISSUE, type CheckCase } from './draw-case.ts';
import type { Draw } from './seeded-draw.ts';
import { deepFreeze } from './deep-freeze.ts';

/** The moments that a policy gives a key; of these the warning alone stops nothing. */
interface Moments {
  readonly cap: Instant | null;
  readonly warnAt: Instant | null;
  readonly holdAt: Instant | null;
  readonly expireAt: Instant | null;
}

const momentNames = ['cap', 'warnAt', 'holdAt', 'expireAt'] as const;

/** A key that is looked at later stops when it was said to. Renewals, and what may be asked for, may depend on the moment. */
export function checkTimeless(asking: CheckContext, draw: Draw, look: CheckCase, said: PolicyVerdicts): void {
  const later = { ...look, moment: look.moment + 1 + draw.below(LATER_MAX) };
  const [before, after] = [momentsOf(said), momentsOf(callPolicy(asking, later))];
  for (const name of momentNames) {
    if (before[name] === after[name]) continue;
    const moved = `${name} is ${formatMoment(before[name])}, and at ${formatMoment(later.moment)} with the same facts ${formatMoment(after[name])}`;
    addFinding(asking, 'timeless', moved, look);
  }
}

/** So much later a key is looked at again, at most: 2 years. */
const LATER_MAX = 2 * 365 * 86_400_000;

/**
 * A key that is used once more does not stop sooner. The days of its use are left as they are: a policy may well read a
 * closer rhythm from a new day, and notice is given of what follows.
 */
export function checkMoreUse(asking: CheckContext, draw: Draw, look: CheckCase, said: PolicyVerdicts): void {
  const { use } = look.facts;
  const usedAt = drawBetween(draw, use.activeAt, look.moment);
  const after = momentsOf(
    callPolicy(asking, withUse(look, { activeAt: usedAt, lastUsedAt: usedAt, firstUsedAt: use.firstUsedAt ?? usedAt })),
  );
  const before = momentsOf(said);
  for (const name of momentNames) {
    if ((after[name] ?? Infinity) >= (before[name] ?? Infinity)) continue;
    const nearer = `${name} is ${formatMoment(before[name])}, and with a use at ${formatMoment(usedAt)} it is ${formatMoment(after[name])}`;
    addFinding(asking, 'use', nearer, look);
  }
}

/** What is dormant when it is no longer used is dormant as well when it was never used (law 6). */
export function checkAge(asking: CheckContext, look: CheckCase, said: PolicyVerdicts): void {
  if (look.facts.use.lastUsedAt === null) return;
  const never = withUse(look, { firstUsedAt: null, lastUsedAt: null, days: [], consumers: [] });
  const [used, unused] = [momentsOf(said), momentsOf(callPolicy(asking, never))];
  for (const name of momentNames) {
    if (used[name] === null || unused[name] !== null) continue;
    addFinding(asking, 'age', `${name} is ${formatMoment(used[name])}, and null for the same key never used`, look);
  }
}

/** What lies before all keys was counted from an instant that is null: to arithmetic that is 1970. */
export function checkCounted(asking: CheckContext, look: CheckCase, said: PolicyVerdicts): void {
  const moments = momentsOf(said);
  for (const name of momentNames) {
    const at = moments[name];
    if (at === null || at >= FIRST_ISSUE) continue;
    addFinding(
      asking,
      'counted',
      `${name} is ${formatMoment(at)}, before anybody issued a key: what it counts from may be null`,
      look,
    );
  }
}

function withUse({ facts, moment }: CheckCase, use: Partial<CheckCase['facts']['use']>): CheckCase {
  return { facts: deepFreeze({ ...facts, use: { ...facts.use, ...use } }), moment };
}

function momentsOf({ expiry, dormancy }: PolicyVerdicts): Moments {
  return {
    cap: expiry?.cap?.at ?? null,
    warnAt: dormancy?.warnAt ?? null,
    holdAt: dormancy?.holdAt ?? null,
    expireAt: dormancy?.expireAt ?? null,
  };
}

function formatMoment(at: Instant | null): string {
  return at === null ? 'never' : new Date(at).toISOString();
}
