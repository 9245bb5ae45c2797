/**
 * All that a policy module sees of Keytide: it imports this, as `#policy` or `keytide/policy`, and nothing else of ours.
 *
 * A policy is three pure functions, each of which may be left out: `expiry`, `renewal` and `dormancy`. They get facts of one
 * key, the configuration of the binding, and the moment; they answer a verdict with its reason. The same arguments give the
 * same verdict, whenever and wherever they are asked (law 9): no clock, no randomness, no input or output.
 *
 * Verdicts of all bindings of a realm are combined, the strictest in each dimension, in no order. A policy can therefore
 * make a life shorter or a renewal harder than another one does, and never the other way round.
 */
import { z } from 'zod';
import { DAY_MS, describeDuration, HOUR_MS, parseDuration } from '../domain/duration.ts';

export { z };
/** A length of time for sentences: "90 days", "1 day 12 hours". */
export { describeDuration as inWords };

/** Milliseconds since 1970-01-01T00:00:00Z. */
export type Instant = number;

/** A length of time in milliseconds. A day is 24 hours, a year 365 days. */
export type Milliseconds = number;

/** A day for sentences: "2026-11-23", the one in UTC that the instant lies in. */
export function onDay(instant: Instant): string {
  return new Date(instant).toISOString().slice(0, 10);
}

export const HOUR: Milliseconds = HOUR_MS;
export const DAY: Milliseconds = DAY_MS;

/** How a stop is decided: HARD by time alone, BY_USE by a review that knows all use up to then. */
export type StopBasis = 'HARD' | 'BY_USE';

/** Whether a renewal keeps the secret or replaces it. */
export type RenewalMode = 'EXTEND' | 'ROTATE';

/** Why: a code for programs (`UPPER_CASE`, at most 40 characters) and a sentence for people (at most 300). */
export interface Reason {
  readonly code: string;
  readonly sentence: string;
}

/** What is true of one key. Never a secret, never a digest. */
export interface Facts {
  readonly key: KeyFacts;
  readonly use: UseFacts;
  readonly owner: OwnerFacts;
  /** What is being asked for; null: nothing is, the key is being looked at. */
  readonly request: RequestFacts | null;
  readonly realm: RealmFacts;
}

export interface KeyFacts {
  readonly id: string;
  readonly name: string;
  readonly createdAt: Instant;
  /** When its present life was given, by issue or by a renewal that moved its expiry. */
  readonly grantedAt: Instant;
  /** When it was last renewed by a person or program; null: never. */
  readonly renewedAt: Instant | null;
  /** How often it was renewed. */
  readonly renewalCount: number;
  /** What a person or program asked for; null: nothing. */
  readonly chosenExpiresAt: Instant | null;
  /** The length of life that it was last given; null: none was asked for. */
  readonly lifetime: Milliseconds | null;
  /** When its present secret was made. */
  readonly secretCreatedAt: Instant;
  /** 1 for the first secret, one more with each rotation. */
  readonly secretGeneration: number;
  /** Whether another key issued it. */
  readonly isChild: boolean;
  readonly labels: { readonly [name: string]: string };
  readonly scopes: readonly { readonly action: string; readonly resource: string }[];
}

export interface UseFacts {
  /** Issued, used, renewed by a person or program, or resumed, whichever was last. */
  readonly activeAt: Instant;
  /** Null: never used. */
  readonly firstUsedAt: Instant | null;
  readonly lastUsedAt: Instant | null;
  /**
   * The days (their beginnings in UTC) on which it was used, oldest first, at most the newest 400; empty unless the module
   * reads `DAYS`. The intervals between them are the key's rhythm.
   */
  readonly days: readonly Instant[];
  /** Where its present secrets were seen in use, by the label that verifiers gave; empty unless the module reads `CONSUMERS`. */
  readonly consumers: readonly { readonly name: string; readonly firstUsedAt: Instant; readonly lastUsedAt: Instant }[];
}

/** The account or organization that owns the key; of an organization it says what is true of all its members together. */
export interface OwnerFacts {
  readonly id: string;
  readonly kind: 'ACCOUNT' | 'ORGANIZATION';
  /** When it, or anyone of it, last signed in; null: nobody ever did. Null unless the module reads `OWNER`. */
  readonly lastSignInAt: Instant | null;
  /** When the account, or the organization, was made. */
  readonly createdAt: Instant;
  /** Whether it, or anyone of it, has proved the email address. True unless the module reads `OWNER`. */
  readonly isEmailVerified: boolean;
  /** When it, or the last of it that was not, was disabled; null: it is not. Null unless the module reads `OWNER`. */
  readonly disabledAt: Instant | null;
  /** 1 for an account. */
  readonly memberCount: number;
}

export interface RequestFacts {
  readonly kind: 'ISSUE' | 'RENEW';
  /** What is asked for; null: nothing. */
  readonly expiresAt: Instant | null;
}

export interface RealmFacts {
  readonly slug: string;
  /** The bounds within which the realm lets a life be asked for, whatever policies say. */
  readonly shortestLifetime: Milliseconds;
  readonly longestLifetime: Milliseconds;
  /** The realm's calendar: times in which nothing is to stop by itself, in order, without overlap. Half open. */
  readonly freezes: readonly { readonly from: Instant; readonly to: Instant }[];
}

/** What may be asked for, and what binds every key whatever was asked. */
export interface ExpiryVerdict {
  /** Null: this policy says nothing of what may be asked for. */
  readonly request: {
    /** Counted from the moment of asking; both ends are allowed. */
    readonly shortest: Milliseconds;
    readonly longest: Milliseconds;
    /** What is given when nothing is asked for; null: no expiry, the key lives as long as the rest of policy lets it. */
    readonly default: Milliseconds | null;
  } | null;
  /** The key ends here at the latest; null: no cap. */
  readonly cap: { readonly at: Instant; readonly basis: StopBasis } | null;
  readonly reason: Reason;
}

/** Whether, how and how far a key may be renewed, and when it is best done. */
export interface RenewalVerdict {
  readonly isAllowed: boolean;
  /** When it will be allowed, where that is known; null otherwise, and when it is allowed. */
  readonly allowedAt: Instant | null;
  /** ROTATE: a renewal replaces the secret too. */
  readonly mode: RenewalMode;
  /** The furthest that one renewal lets a key go, counted from then; null: as far as may be asked for. */
  readonly longest: Milliseconds | null;
  /** When it is best done: advice, being early is never refused. Null: whenever. */
  readonly window: { readonly opensAt: Instant; readonly closesAt: Instant } | null;
  /** How much the grace of a stalled rotation may be extended, once; null: this policy says nothing of it. */
  readonly graceExtension: Milliseconds | null;
  /** Whether an old secret retires as soon as everyone who was seen on it is seen on the new one; null: says nothing. */
  readonly retiresWhenMoved: boolean | null;
  readonly reason: Reason;
}

/**
 * The moments at which an unused key, or one whose owner is gone, is warned, held and expired; null: never. They are reached
 * when a review looks, after all use up to then is known.
 */
export interface DormancyVerdict {
  readonly warnAt: Instant | null;
  readonly holdAt: Instant | null;
  readonly expireAt: Instant | null;
  readonly reason: Reason;
}

/** What a module needs to be told, beyond what every module is. Only that is gathered for it, and only that wakes it. */
export type Reading = 'DAYS' | 'CONSUMERS' | 'OWNER';

/** What a module is. */
export interface Policy<Config = unknown> {
  /** What bindings call it: lower case, digits and hyphens, at most 40 characters. */
  readonly name: string;
  /** For people; what pins a module is the hash of its files. */
  readonly version: string;
  /** A name for people, at most 80 characters. */
  readonly title: string;
  /** A sentence or two for people: which keys, what happens. At most 500 characters. */
  readonly summary: string;
  /** What bindings may configure. Checked before a binding is made; given out as JSON Schema. */
  readonly config: z.ZodType<Config>;
  readonly reads?: readonly Reading[];
  expiry?(facts: Facts, config: Config, moment: Instant): ExpiryVerdict;
  renewal?(facts: Facts, config: Config, moment: Instant): RenewalVerdict;
  dormancy?(facts: Facts, config: Config, moment: Instant): DormancyVerdict;
}

/** Marks what a module exports as default. Gives the functions the type of the module's own configuration. */
export function definePolicy<Config>(policy: Policy<Config>): Policy<Config> {
  return policy;
}

/**
 * A length of time in a configuration: ISO 8601 of weeks, days and time, such as `P90D` or `PT15M`, within bounds. The
 * functions get it in milliseconds. Months and years are refused, as they are of no fixed length.
 */
export function duration({ min = 'PT0S', max = 'P3650D' }: { readonly min?: string; readonly max?: string } = {}) {
  const [least, most] = [milliseconds(min), milliseconds(max)];
  return z
    .string()
    .meta({ format: 'duration', description: `From ${min} to ${max}.` })
    .transform((text, { addIssue }) => {
      const read = parseDuration(text);
      if ('ms' in read && read.ms >= least && read.ms <= most) return read.ms;
      addIssue('problem' in read ? read.problem : `from ${min} to ${max} is accepted, ${text} was found`);
      return z.NEVER;
    });
}

function milliseconds(text: string): Milliseconds {
  const read = parseDuration(text);
  if ('problem' in read) throw new Error(read.problem);
  return read.ms;
}
