/** How a stop is decided: HARD by time alone, BY_USE by a review that knows all use up to then. */
export type StopBasis = 'HARD' | 'BY_USE';

/** Whether a renewal keeps the secret or replaces it. */
export type RenewalMode = 'EXTEND' | 'ROTATE';

/** A key's dormancy state. */
export type DormancyState = 'ACTIVE' | 'WARNED' | 'HELD' | 'EXPIRED';

/** The reason of a decision: a code for programs, a sentence for people, and who decided. */
export interface AttributedReason {
  readonly code: string;
  readonly sentence: string;
  /** The id of the binding that decided, or `~` and the id of the realm if the realm's bounds decided. */
  readonly by: string;
}

/** A moment at which a key is warned, held or expired, and the reason. */
export interface Moment {
  readonly at: Date;
  readonly reason: AttributedReason;
}

/** A moment at which a key stops, and how it is decided. */
export interface Stop extends Moment {
  readonly basis: StopBasis;
}

/** The lifetimes that may be requested at issue and renewal, counted from then. Both bounds are included. */
export interface RequestBounds {
  readonly shortestMs: number;
  readonly longestMs: number;
  /** The lifetime if none is requested; null: no expiry, the key lives as long as the rest of policy allows. */
  readonly defaultMs: number | null;
}

export interface RenewalWindow {
  readonly opensAt: Date;
  readonly closesAt: Date;
}

export interface RenewalTerms {
  readonly isAllowed: boolean;
  /** When a renewal will be allowed; null: unknown, or it is allowed now. */
  readonly allowedAt: Date | null;
  readonly mode: RenewalMode;
  /** The longest lifetime that a renewal gives, counted from now; null: as long as may be requested. */
  readonly longestMs: number | null;
  /** When a renewal is best done. Advice only. */
  readonly window: RenewalWindow | null;
  /** By how much the grace period of a stalled rotation is extended, once; null: no policy decides it, and it is not extended. */
  readonly graceExtensionMs: number | null;
  /** Whether an old secret retires once all its consumers have moved; null: no policy decides it, and it does not. */
  readonly retiresWhenMoved: boolean | null;
  readonly reason: AttributedReason;
}

/** The verdict of policy on one key at one moment: of one binding, or of all bindings of a realm combined. */
export interface Verdict {
  readonly request: RequestBounds & { readonly reason: AttributedReason };
  /** The latest end of the key, whatever was requested; null: no cap. */
  readonly cap: Stop | null;
  readonly renewal: RenewalTerms;
  /** The moments at which an unused key is warned, held and expired; null: never. */
  readonly warn: Moment | null;
  readonly hold: Moment | null;
  readonly expire: Moment | null;
}
