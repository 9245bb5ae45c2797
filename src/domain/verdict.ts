/** How a stop moment is decided: by time alone (HARD), or by a review that looked at use (BY_USE). */
export type StopBasis = 'HARD' | 'BY_USE';

/** Whether a renewal keeps the secret or replaces it. */
export type RenewalMode = 'EXTEND' | 'ROTATE';

/** What dormancy says of a key. */
export type Standing = 'ACTIVE' | 'WARNED' | 'HELD' | 'EXPIRED';

/** Why a policy says what it says: a code for programs and a sentence for people. */
export interface Reason {
  readonly code: string;
  readonly sentence: string;
}

/** A moment at which a key stops, and what decides it. */
export interface Stop {
  readonly at: Date;
  readonly basis: StopBasis;
}

/** What may be asked for at issue and renewal, counted from then. Both ends are allowed. */
export interface RequestBounds {
  readonly shortestMs: number;
  readonly longestMs: number;
  /** The life given when nothing is asked for; null: none, the key lives as long as the rest of policy lets it. */
  readonly defaultMs: number | null;
}

export interface ExpiryVerdict {
  readonly request: RequestBounds;
  /** Binds the key whatever was asked; null: no cap. */
  readonly cap: Stop | null;
  readonly reason: Reason;
}

export interface Window {
  readonly opensAt: Date;
  readonly closesAt: Date;
}

export interface RenewalVerdict {
  readonly isAllowed: boolean;
  /** When it will be allowed, where policy knows. */
  readonly allowedAt: Date | null;
  readonly mode: RenewalMode;
  /** The furthest that one renewal lets a key go, counted from now. */
  readonly longestMs: number;
  /** When it is best done: advice. */
  readonly window: Window | null;
  /** How much the grace of a stalled rotation may be extended, once. */
  readonly graceExtensionMs: number;
  readonly reason: Reason;
}

/** The moments at which an unused key is warned, held and expired; null: never. */
export interface DormancyVerdict {
  readonly warnAt: Date | null;
  readonly holdAt: Date | null;
  readonly expireAt: Date | null;
  readonly reason: Reason;
}

export interface Verdict {
  readonly expiry: ExpiryVerdict;
  readonly renewal: RenewalVerdict;
  readonly dormancy: DormancyVerdict;
}
