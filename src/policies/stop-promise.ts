import type { StopPromise } from '../domain/apply-notice.ts';
import { decideStop } from '../domain/life.ts';
import { currentPostponementMs, type PostponableKey } from '../domain/postpone.ts';
import type { StopBasis } from '../domain/verdict.ts';
import { combineVerdicts } from './combine-verdicts.ts';
import type { StoredVerdicts } from './stored-verdicts.ts';

/** What of a key's row says what it may rely on. */
interface PromisingRow extends PostponableKey {
  readonly stopsAt: Date | null;
  readonly stopsBasis: StopBasis | null;
  readonly chosenExpiresAt: Date | null;
  readonly isHeldByPolicy: boolean;
}

/** What a key's row promises. Of one that policy holds the first stop has come: its end is the next. */
export function stopPromiseOf(
  row: PromisingRow,
  realm: Parameters<typeof combineVerdicts>[0],
  judgement: StoredVerdicts,
): StopPromise {
  const movedOutMs = currentPostponementMs(row);
  if (!row.isHeldByPolicy)
    return { stopsAt: row.stopsAt, basis: row.stopsBasis, isHeld: false, postponedMs: movedOutMs };
  const { stopsAt, stopsBasis } = decideStop(row.chosenExpiresAt, { ...combineVerdicts(realm, judgement), hold: null });
  return { stopsAt, basis: stopsBasis, isHeld: true, postponedMs: movedOutMs };
}
