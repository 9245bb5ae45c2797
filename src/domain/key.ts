import type { StopBasis } from './verdict.ts';

/** ACTIVE works; HELD is suspended; EXPIRED and REVOKED have ended, the latter for good. */
export type KeyState = 'ACTIVE' | 'HELD' | 'EXPIRED' | 'REVOKED';

/** What a key's state derives from. */
export interface KeyLifecycle {
  readonly expiresAt: Date | null;
  readonly expiryBasis: StopBasis | null;
  /** Recorded by a review: for a HARD expiry what was true already, for one by use the decision itself. */
  readonly expiredAt: Date | null;
  readonly revokedAt: Date | null;
  readonly isHeld: boolean;
}

/** Whether a moment has come. Intervals are half open: at the moment itself it has. */
export function hasCome(moment: Date | null, now: Date): boolean {
  return moment !== null && moment.getTime() <= now.getTime();
}

/** When the key expired, or null while it has not. A HARD expiry needs no one to record it. */
export function expiredAt(key: KeyLifecycle, now: Date): Date | null {
  if (key.expiredAt !== null) return key.expiredAt;
  return key.expiryBasis === 'HARD' && hasCome(key.expiresAt, now) ? key.expiresAt : null;
}

/** A key's state at an instant. What has ended is never called held. */
export function stateOf(key: KeyLifecycle, now: Date): KeyState {
  if (key.revokedAt !== null) return 'REVOKED';
  if (expiredAt(key, now) !== null) return 'EXPIRED';
  return key.isHeld ? 'HELD' : 'ACTIVE';
}

/** The earlier of two moments, where null is never. */
export function earliest<T extends Date | null>(...moments: T[]): T | null {
  return moments.reduce<T | null>(
    (first, moment) => (moment !== null && (first === null || moment.getTime() < first.getTime()) ? moment : first),
    null,
  );
}

/** The later of two moments. */
export function latest(a: Date, b: Date): Date {
  return a.getTime() < b.getTime() ? b : a;
}

export function addMs(moment: Date, ms: number): Date {
  return new Date(moment.getTime() + ms);
}
