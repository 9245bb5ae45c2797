import type { Promised } from '../domain/keep-notice.ts';
import { settle } from '../domain/life.ts';
import { presentMoveMs, type MovableKey } from '../domain/move-out.ts';
import type { StopBasis } from '../domain/verdict.ts';
import { recall } from './recall.ts';
import type { StoredJudgement } from './judgement.ts';

/** What of a key's row says what it may rely on. */
interface Row extends MovableKey {
  readonly stopsAt: Date | null;
  readonly stopsBasis: StopBasis | null;
  readonly chosenExpiresAt: Date | null;
  readonly isHeldByPolicy: boolean;
}

/** What a key's row promises. Of one that policy holds the first stop has come: its end is the next. */
export function promisedBy(row: Row, realm: Parameters<typeof recall>[0], judgement: StoredJudgement): Promised {
  const movedOutMs = presentMoveMs(row);
  if (!row.isHeldByPolicy) return { stopsAt: row.stopsAt, basis: row.stopsBasis, isHeld: false, movedOutMs };
  const { stopsAt, stopsBasis } = settle(row.chosenExpiresAt, { ...recall(realm, judgement), hold: null });
  return { stopsAt, basis: stopsBasis, isHeld: true, movedOutMs };
}
