/** How a stop moment is decided: by time alone (HARD), or by a review that looked at use (BY_USE). */
export type StopBasis = 'HARD' | 'BY_USE';

/** Whether a renewal keeps the secret or replaces it. */
export type RenewalMode = 'EXTEND' | 'ROTATE';

/** What dormancy says of a key. */
export type DormancyState = 'ACTIVE' | 'WARNED' | 'HELD' | 'EXPIRED';

/** Why something is as it is: a code for programs, a sentence for people, and who says so. */
export interface AttributedReason {
  readonly code: string;
  readonly sentence: string;
  /** The id of the binding that says so; of the realm, where its own bounds decide. */
  readonly by: string;
}

/** A moment at which something happens to a key by itself, and why. */
export interface Moment {
  readonly at: Date;
  readonly reason: AttributedReason;
}

/** A moment at which a key stops, and what decides it. */
export interface Stop extends Moment {
  readonly basis: StopBasis;
}

/** What may be asked for at issue and renewal, counted from then. Both ends are allowed. */
export interface RequestBounds {
  readonly shortestMs: number;
  readonly longestMs: number;
  /** The life given when nothing is asked for; null: none, the key lives as long as the rest of policy lets it. */
  readonly defaultMs: number | null;
}

export interface RenewalWindow {
  readonly opensAt: Date;
  readonly closesAt: Date;
}

export interface RenewalTerms {
  readonly isAllowed: boolean;
  /** When it will be allowed, where that is known; null too when it is allowed. */
  readonly allowedAt: Date | null;
  readonly mode: RenewalMode;
  /** The furthest that one renewal lets a key go, counted from now; null: as far as may be asked for. */
  readonly longestMs: number | null;
  /** When it is best done: advice. */
  readonly window: RenewalWindow | null;
  /** How much the grace of a stalled rotation may be extended, once; null: nobody says, and it is not. */
  readonly graceExtensionMs: number | null;
  /** Whether an old secret retires as soon as all who were seen on it have moved; null: nobody says, and it does not. */
  readonly retiresWhenMoved: boolean | null;
  readonly reason: AttributedReason;
}

/** What policy says of one key at one moment: what one binding does, or all of a realm together. */
export interface Verdict {
  readonly request: RequestBounds & { readonly reason: AttributedReason };
  /** Binds the key whatever was asked; null: no cap. */
  readonly cap: Stop | null;
  readonly renewal: RenewalTerms;
  /** The moments at which an unused key is warned, held and expired; null: never. */
  readonly warn: Moment | null;
  readonly hold: Moment | null;
  readonly expire: Moment | null;
}
