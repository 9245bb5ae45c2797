import type { DormancyVerdict, ExpiryVerdict, RenewalVerdict } from '../domain/verdict.ts';

export type {
  DormancyVerdict,
  ExpiryVerdict,
  Reason,
  RenewalMode,
  RenewalVerdict,
  RequestBounds,
  Stop,
  StopBasis,
  Window,
} from '../domain/verdict.ts';

/** All that a policy is told of one key. Never a secret, never a digest. */
export interface Facts {
  readonly key: {
    readonly createdAt: Date;
    /** When its present life was given, by issue or renewal. */
    readonly grantedAt: Date;
    /** What a person or program asked for; null: nothing. */
    readonly chosenExpiresAt: Date | null;
  };
  readonly use: {
    /** Issued, used, renewed by a person or program, or resumed, whichever was last. */
    readonly activeAt: Date;
    /** Null: never used. */
    readonly lastUsedAt: Date | null;
  };
  /** The widest that the realm lets any request be. */
  readonly realm: { readonly shortestLifetimeMs: number; readonly longestLifetimeMs: number };
}

/**
 * A policy module: three pure functions of facts and the moment, each total and giving the same verdict for the same
 * facts (law 9). It has no database, no clock, no network and no randomness.
 */
export interface Policy {
  readonly name: string;
  readonly version: string;
  /** A name for people. */
  readonly title: string;
  /** A sentence or two for people: which keys, what happens. */
  readonly summary: string;
  /** What may be asked for, and what binds whatever was asked. */
  expiry(facts: Facts, moment: Date): ExpiryVerdict;
  /** Whether, how and how far a key may be renewed, and when it is best done. */
  renewal(facts: Facts, moment: Date): RenewalVerdict;
  /** The moments at which an unused key is warned, held and expired. */
  dormancy(facts: Facts, moment: Date): DormancyVerdict;
}
