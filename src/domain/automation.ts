import { DAY_MS } from './duration.ts';
import { addMs } from './key.ts';

/** How long after the moment picked for its renewal a key's automation counts as late: at most. */
const MARGIN_MS = DAY_MS;

/**
 * From when on the automation of a key that renews itself is late: a day after the moment picked for its next renewal, or
 * halfway from there to its stop, whichever is first.
 */
export function automationLateAt(renewalDueAt: Date, stopsAt: Date): Date {
  const half = Math.max(0, stopsAt.getTime() - renewalDueAt.getTime()) / 2;
  return addMs(renewalDueAt, Math.min(MARGIN_MS, Math.floor(half)));
}
