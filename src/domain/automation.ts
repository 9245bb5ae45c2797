import { DAY_MS } from './duration.ts';
import { addMs } from './key.ts';

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
