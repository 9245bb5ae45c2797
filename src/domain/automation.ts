import type { Caller } from './caller.ts';
import { DAY_MS } from './duration.ts';
import { addMs, hasCome } from './key.ts';

/** A key's automation counts as late at most this long after the moment picked for its renewal. */
const MARGIN_MS = DAY_MS;

/**
 * Returns when the automation of a key that renews itself becomes late: a day after the moment picked for its next renewal, or
 * halfway between that moment and its stop, whichever is first.
 */
export function automationLateAt(renewalDueAt: Date, stopsAt: Date): Date {
  const half = Math.max(0, stopsAt.getTime() - renewalDueAt.getTime()) / 2;
  return addMs(renewalDueAt, Math.min(MARGIN_MS, Math.floor(half)));
}

/** Whether a renewal or rotation by this caller shows that a program renews the key. */
export function isSelfRenewal(caller: Caller): boolean {
  return caller.kind === 'KEY';
}

/**
 * What renews a key. NONE: nothing has, or a person did last. LATE: a program does, and it is a day behind the moment picked for
 * the renewal. WORKING: a program does.
 */
export const keyAutomations = ['NONE', 'LATE', 'WORKING'] as const;

export type KeyAutomation = (typeof keyAutomations)[number];

/** Returns from when on the moment picked for a renewal is not missed. */
export function automationInTimeFrom(now: Date): Date {
  return addMs(now, -MARGIN_MS);
}

/** Returns what renews a key at an instant. */
export function automationOf(
  { isSelfRenewing, renewalDueAt }: { readonly isSelfRenewing: boolean | null; readonly renewalDueAt: Date | null },
  now: Date,
): KeyAutomation {
  if (isSelfRenewing !== true) return 'NONE';
  return hasCome(renewalDueAt, automationInTimeFrom(now)) ? 'LATE' : 'WORKING';
}
