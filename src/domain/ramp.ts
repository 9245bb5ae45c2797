import { YEAR_MS } from './duration.ts';
import { addMs } from './key.ts';

/** The longest time over which first stops are spread, and the furthest that a ramp may begin ahead. */
export const RAMP_MAX_MS = YEAR_MS;

/** From when on policies stop imported keys, and the time over which their first stops are spread. */
export interface Ramp {
  readonly bindFrom: Date;
  readonly spreadOverMs: number;
}

/** Returns what is wrong with a ramp, with the name of its field first; null: nothing. */
export function rampProblem({ bindFrom, spreadOverMs }: Ramp, now: Date): string | null {
  if (spreadOverMs < 0 || spreadOverMs > RAMP_MAX_MS)
    return 'ramp.spreadOver: found a time out of bounds; expected PT0S to P365D.';
  if (bindFrom > addMs(now, RAMP_MAX_MS))
    return `ramp.bindFrom: found ${bindFrom.toISOString()}; expected at most P365D ahead.`;
  return null;
}

/**
 * Returns from when on policies may stop an imported key. The place within the spread follows from the key's digest, so
 * that it is the same in a dry run, in the import and when the import is repeated.
 */
export function bindsAtOf({ bindFrom, spreadOverMs }: Ramp, digest: Uint8Array): Date {
  const share = Buffer.from(digest).readUIntBE(0, 6) / 2 ** 48;
  return addMs(bindFrom, Math.floor(share * spreadOverMs));
}
