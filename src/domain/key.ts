import type { StopBasis } from './verdict.ts';

/** ACTIVE works; HELD is suspended; EXPIRED and REVOKED have ended, the latter for good. */
export type KeyState = 'ACTIVE' | 'HELD' | 'EXPIRED' | 'REVOKED';

/** A moment: a date, as rows have it, or its ms since 1970, as records in memory have it. */
export type DateOrMs = Date | number;

/** The columns that decide whether a key has ended. */
export interface KeyEnd<At extends DateOrMs = Date> {
  readonly expiresAt: At | null;
  readonly expiryBasis: StopBasis | null;
  /** Recorded by a review: a HARD expiry was true before the review, a BY_USE expiry is decided by it. */
  readonly expiredAt: At | null;
  readonly revokedAt: At | null;
}

/** The columns that decide a key's state. */
export interface KeyLifecycle<At extends DateOrMs = Date> extends KeyEnd<At> {
  readonly isHeld: boolean;
}

/** Whether a moment has come. Intervals are half open: at the moment itself it has come. Null never comes. */
export function hasCome(moment: DateOrMs | null, now: DateOrMs): boolean {
  return moment !== null && toMs(moment) <= toMs(now);
}

/** Returns a moment in ms since 1970. */
export function toMs(moment: DateOrMs): number {
  return typeof moment === 'number' ? moment : moment.getTime();
}

/** Whether two moments are the same, where null is never. */
export function isSameMoment(a: Date | null, b: Date | null): boolean {
  return a?.getTime() === b?.getTime();
}

/** Returns when the key expired; null: it has not. A HARD expiry needs no review to record it. */
export function expiredAt<At extends DateOrMs>(key: KeyEnd<At>, now: DateOrMs): At | null {
  if (key.expiredAt !== null) return key.expiredAt;
  return key.expiryBasis === 'HARD' && hasCome(key.expiresAt, now) ? key.expiresAt : null;
}

/** Returns a key's state at an instant. A key that has ended is never HELD. */
export function stateOf(key: KeyLifecycle, now: Date): KeyState {
  if (key.revokedAt !== null) return 'REVOKED';
  if (expiredAt(key, now) !== null) return 'EXPIRED';
  return key.isHeld ? 'HELD' : 'ACTIVE';
}

/** Returns the earliest of some moments, where null is never. */
export function earliest<T extends Date | null>(...moments: T[]): T | null {
  return moments.reduce<T | null>(
    (first, moment) => (moment !== null && (first === null || moment.getTime() < first.getTime()) ? moment : first),
    null,
  );
}

/** Returns the later of two moments. */
export function latest(a: Date, b: Date): Date {
  return a.getTime() < b.getTime() ? b : a;
}

export function addMs(moment: Date, ms: number): Date {
  return new Date(moment.getTime() + ms);
}
