import type { Caller } from './caller.ts';
import { DAY_MS, HOUR_MS } from './duration.ts';
import { addMs, hasCome } from './key.ts';

/** A key's automation is late at most this long after the moment picked for its renewal. */
const LATE_MS = DAY_MS;

/**
 * A key's automation is also late if both its lateness and the time that is left until the stop have reached one of these steps:
 * between halfway and two thirds of the way to the stop. Columns can be compared with the bounds of a step, but not halved: so
 * that a query selects by the same rule.
 */
const LATE_STEPS_MS: readonly number[] = Array.from({ length: 10 }, (_, halvings) => (12 * HOUR_MS) / 2 ** halvings);

/** The least lateness that counts. */
const LEAST_LATE_MS = Math.min(...LATE_STEPS_MS);

/** Two moments that decide at an instant whether an automation is late. */
export interface LateBound {
  /** The automation is late if the moment picked for the renewal is not after this one … */
  readonly dueBy: Date;
  /** … and the stop is not after this one. Null: whenever the key stops. */
  readonly stopsBy: Date | null;
}

/** Returns the latest `dueBy` of all bounds: no automation is late whose renewal is due later. */
export function latestDueBy(now: Date): Date {
  return addMs(now, -LEAST_LATE_MS);
}

/** Returns the bounds at an instant. An automation is late if its key is within any of them. */
export function lateBounds(now: Date): readonly LateBound[] {
  return [
    { dueBy: addMs(now, -LATE_MS), stopsBy: null },
    ...LATE_STEPS_MS.map((stepMs) => ({ dueBy: addMs(now, -stepMs), stopsBy: addMs(now, stepMs) })),
  ];
}

/**
 * Returns when the automation of a key that renews itself becomes late: a day after the moment picked for its next renewal, or
 * about halfway between that moment and its stop, whichever is first. Agrees with `lateBounds`.
 */
export function automationLateAt(renewalDueAt: Date, stopsAt: Date | null): Date {
  const dueMs = renewalDueAt.getTime();
  const stopsMs = stopsAt?.getTime() ?? Infinity;
  const steps = LATE_STEPS_MS.map((stepMs) => Math.max(dueMs + stepMs, stopsMs - stepMs));
  return new Date(Math.min(dueMs + LATE_MS, ...steps));
}

/** Whether a renewal or rotation by this caller shows that a program renews the key. */
export function isSelfRenewal(caller: Caller): boolean {
  return caller.kind === 'KEY';
}

/**
 * What renews a key. NONE: nothing has, or a person did last. LATE: a program does, and the moment of `automationLateAt` has come.
 * WORKING: a program does.
 */
export const keyAutomations = ['NONE', 'LATE', 'WORKING'] as const;

export type KeyAutomation = (typeof keyAutomations)[number];

/** What of a key decides what renews it. */
export interface RenewedKey {
  /** Null: not known yet, after an upgrade. */
  readonly isSelfRenewing: boolean | null;
  readonly renewalDueAt: Date | null;
  readonly stopsAt: Date | null;
}

/** Returns what renews a key at an instant. */
export function automationOf({ isSelfRenewing, renewalDueAt, stopsAt }: RenewedKey, now: Date): KeyAutomation {
  if (isSelfRenewing !== true) return 'NONE';
  return renewalDueAt !== null && hasCome(automationLateAt(renewalDueAt, stopsAt), now) ? 'LATE' : 'WORKING';
}
