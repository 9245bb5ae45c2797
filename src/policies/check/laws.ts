import { YEAR_MS } from '../../domain/duration.ts';
import type { Instant } from '../contract.ts';
import { callPolicy, addFinding, type PolicyVerdicts, type CheckContext } from './call-policy.ts';
import { FIRST_ISSUE, type CheckCase } from './draw-case.ts';
import { type Draw, drawBetween } from './seeded-draw.ts';
import { deepFreeze } from './deep-freeze.ts';

/** The moments of a policy's verdicts. Only the warning stops nothing. */
interface Moments {
  readonly cap: Instant | null;
  readonly warnAt: Instant | null;
  readonly holdAt: Instant | null;
  readonly expireAt: Instant | null;
}

const momentNames = ['cap', 'warnAt', 'holdAt', 'expireAt'] as const;

/** Checks that a later evaluation gives the same stop moments. Renewals and bounds for requests may depend on the moment. */
export function checkTimeless(context: CheckContext, draw: Draw, input: CheckCase, verdicts: PolicyVerdicts): void {
  const later = { ...input, moment: input.moment + 1 + draw.below(LATER_MAX) };
  const [before, after] = [momentsOf(verdicts), momentsOf(callPolicy(context, later))];
  for (const name of momentNames) {
    if (before[name] === after[name]) continue;
    const problem = `${name} is ${formatMoment(before[name])}, and at ${formatMoment(later.moment)} with the same facts ${formatMoment(after[name])}`;
    addFinding(context, 'timeless', problem, input);
  }
}

/** The longest delay of the later evaluation: 2 years. */
const LATER_MAX = 2 * YEAR_MS;

/**
 * Checks that one more use does not make a stop earlier. The days of use stay as they are: a policy may infer a faster rhythm from a
 * new day, and notice is given of the result.
 */
export function checkMoreUse(context: CheckContext, draw: Draw, input: CheckCase, verdicts: PolicyVerdicts): void {
  const { use } = input.facts;
  const usedAt = drawBetween(draw, use.activeAt, input.moment);
  const after = momentsOf(
    callPolicy(
      context,
      withUse(input, { activeAt: usedAt, lastUsedAt: usedAt, firstUsedAt: use.firstUsedAt ?? usedAt }),
    ),
  );
  const before = momentsOf(verdicts);
  for (const name of momentNames) {
    if ((after[name] ?? Infinity) >= (before[name] ?? Infinity)) continue;
    const problem = `${name} is ${formatMoment(before[name])}, and with a use at ${formatMoment(usedAt)} it is ${formatMoment(after[name])}`;
    addFinding(context, 'use', problem, input);
  }
}

/** Checks that a key that would become dormant by its last use also becomes dormant if it was never used (law 6). */
export function checkAge(context: CheckContext, input: CheckCase, verdicts: PolicyVerdicts): void {
  if (input.facts.use.lastUsedAt === null) return;
  const never = withUse(input, { firstUsedAt: null, lastUsedAt: null, days: [], consumers: [] });
  const [used, unused] = [momentsOf(verdicts), momentsOf(callPolicy(context, never))];
  for (const name of momentNames) {
    if (used[name] === null || unused[name] !== null) continue;
    addFinding(context, 'age', `${name} is ${formatMoment(used[name])}, and null for the same key never used`, input);
  }
}

/**
 * Checks that no moment lies before the first key was issued. Such a moment was computed from null, which arithmetic
 * takes for 1970.
 */
export function checkCounted(context: CheckContext, input: CheckCase, verdicts: PolicyVerdicts): void {
  const moments = momentsOf(verdicts);
  for (const name of momentNames) {
    const at = moments[name];
    if (at === null || at >= FIRST_ISSUE) continue;
    addFinding(
      context,
      'counted',
      `${name} is ${formatMoment(at)}, before any key was issued: it may be counted from null`,
      input,
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
