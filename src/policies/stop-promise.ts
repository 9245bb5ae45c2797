import type { StopPromise } from '../domain/apply-notice.ts';
import { decideStop } from '../domain/life.ts';
import { currentPostponementMs, type PostponableKey } from '../domain/postpone.ts';
import type { StopBasis } from '../domain/verdict.ts';
import { combineVerdicts } from './combine-verdicts.ts';
import type { StoredVerdicts } from './stored-verdicts.ts';

/** The columns of a key that decide what it may rely on. */
interface PromisingRow extends PostponableKey {
  readonly stopsAt: Date | null;
  readonly stopsBasis: StopBasis | null;
  readonly chosenExpiresAt: Date | null;
  readonly isHeldByPolicy: boolean;
  readonly bindsAt: Date | null;
}

/**
 * Returns the stop that a key may rely on. If policy holds the key, the hold has come already; the promised stop is
 * then the key's end.
 */
export function stopPromiseOf(
  row: PromisingRow,
  realm: Parameters<typeof combineVerdicts>[0],
  verdicts: StoredVerdicts,
): StopPromise {
  const postponedMs = currentPostponementMs(row);
  const { bindsAt } = row;
  if (!row.isHeldByPolicy) return { stopsAt: row.stopsAt, basis: row.stopsBasis, isHeld: false, postponedMs, bindsAt };
  const { stopsAt, stopsBasis } = decideStop(row.chosenExpiresAt, { ...combineVerdicts(realm, verdicts), hold: null });
  return { stopsAt, basis: stopsBasis, isHeld: true, postponedMs, bindsAt };
}
