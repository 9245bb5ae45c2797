/**
 * The contract between Keytide and a policy module. A module imports it as `#policy` or `keytide/policy`, and nothing else.
 *
 * A policy implements one or more of three pure functions: `expiry`, `renewal` and `dormancy`. Each gets the facts of a key, the
 * configuration of the binding and the moment, and returns a verdict with its reason. The same arguments must always give the
 * same verdict (law 9): no clock, no randomness, no input or output.
 *
 * The verdicts of all bindings of a realm are combined to the strictest in each dimension, independent of their order. A policy can
 * therefore shorten a life, or restrict a renewal, more than other policies do, but never extend or permit what they forbid.
 */
import { z } from 'zod';
import { findCadence, type Cadence } from '../domain/cadence.ts';
import { DAY_MS, describeDuration, HOUR_MS, parseDuration } from '../domain/duration.ts';
import { spreadOffset } from '../domain/spread.ts';
import type { RenewalMode, StopBasis } from '../domain/verdict.ts';

export { z };
/** Describes a duration for people: "90 days", "1 day 12 hours". */
export { describeDuration as inWords };
/** Returns the rhythm of a key from its days of use (`use.days`). Null: it was used too seldom to tell. */
export { findCadence, type Cadence };
/**
 * Returns by how much the stops of a key are later, so that the stops of many keys do not fall together: from 0 to less than the given
 * time, in whole days, always the same for the same key.
 */
export { spreadOffset };

/** Milliseconds since 1970-01-01T00:00:00Z. */
export type Instant = number;

/** A duration in milliseconds. A day is 24 hours, a year 365 days. */
export type Milliseconds = number;

/** Formats the UTC day of an instant for people: "2026-11-23". */
export function onDay(instant: Instant): string {
  return new Date(instant).toISOString().slice(0, 10);
}

export const HOUR: Milliseconds = HOUR_MS;
export const DAY: Milliseconds = DAY_MS;

/** The domain's own types, so that a verdict needs no conversion of them. */
export type { RenewalMode, StopBasis };

/** The reason of a verdict: a code for programs (`UPPER_CASE`, at most 40 characters) and a sentence for people (at most 300). */
export interface Reason {
  readonly code: string;
  readonly sentence: string;
}

/** The facts of a key. They never contain a secret or a digest. */
export interface Facts {
  readonly key: KeyFacts;
  readonly use: UseFacts;
  readonly owner: OwnerFacts;
  /** The requested expiry that is being decided; null: the evaluation is not about a request, for example a review. */
  readonly request: RequestFacts | null;
  readonly realm: RealmFacts;
}

export interface KeyFacts {
  readonly id: string;
  readonly name: string;
  readonly createdAt: Instant;
  /**
   * When the current life was granted: at issue, or by a renewal that moved the expiry. For a key that is not valid yet: when it will
   * be, which may be after the moment of the evaluation.
   */
  readonly grantedAt: Instant;
  /** When a person or program last renewed the key; null: never. */
  readonly renewedAt: Instant | null;
  /** How often the key was renewed. */
  readonly renewalCount: number;
  /** The expiry that a person or program requested; null: none. */
  readonly chosenExpiresAt: Instant | null;
  /** The lifetime that was last granted on request; null: none was requested. */
  readonly lifetime: Milliseconds | null;
  /** When the current secret was created. */
  readonly secretCreatedAt: Instant;
  /**
   * The place of the current secret among all secrets of the key, from 1. An undone rotation may bring back an earlier
   * secret.
   */
  readonly secretGeneration: number;
  /** Whether another key issued this key. */
  readonly isChild: boolean;
  readonly labels: { readonly [name: string]: string };
  readonly scopes: readonly { readonly action: string; readonly resource: string }[];
}

export interface UseFacts {
  /** The last activity: issue, use, renewal by a person or program, or resumption; at the earliest when the key becomes valid. */
  readonly activeAt: Instant;
  /** Null: the key was never used. */
  readonly firstUsedAt: Instant | null;
  readonly lastUsedAt: Instant | null;
  /**
   * The days on which the key was used, as their beginnings in UTC, oldest first: the newest 400 at most. Empty unless the module
   * reads `DAYS`. The intervals between the days show the rhythm of use.
   */
  readonly days: readonly Instant[];
  /**
   * The consumers that used any secret of the key, by the label that verifiers sent. Empty unless the module reads
   * `CONSUMERS`.
   */
  readonly consumers: readonly { readonly name: string; readonly firstUsedAt: Instant; readonly lastUsedAt: Instant }[];
}

/**
 * The account, organization or subject that owns the key. The facts of an organization combine those of all its members. A subject
 * is a customer of the API and never signs in.
 */
export interface OwnerFacts {
  readonly id: string;
  readonly kind: 'ACCOUNT' | 'ORGANIZATION' | 'SUBJECT';
  /** When the account, or any member, last signed in; null: never. Null unless the module reads `OWNER`. */
  readonly lastSignInAt: Instant | null;
  /** When the account, organization or subject was created. */
  readonly createdAt: Instant;
  /** Whether the account, or any member, has verified the email address. True unless the module reads `OWNER`. */
  readonly isEmailVerified: boolean;
  /** When the account, the last open member account or the subject was disabled; null: not disabled. Null unless the module reads `OWNER`. */
  readonly disabledAt: Instant | null;
  /** How many members an organization has; 1 for an account or a subject. */
  readonly memberCount: number;
}

export interface RequestFacts {
  readonly kind: 'ISSUE' | 'RENEW';
  /** The requested expiry; null: none. */
  readonly expiresAt: Instant | null;
}

export interface RealmFacts {
  readonly slug: string;
  /** The realm's own bounds for requested lifetimes. They apply whatever policies decide. */
  readonly shortestLifetime: Milliseconds;
  readonly longestLifetime: Milliseconds;
  /**
   * The realm's freezes: times in which no key should stop by itself, in order and without overlap. A freeze ends just
   * before its `to`.
   */
  readonly freezes: readonly { readonly from: Instant; readonly to: Instant }[];
}

/** The lifetimes that may be requested, and a cap that applies to every key whatever was requested. */
export interface ExpiryVerdict {
  /** Null: this policy sets no bounds for requests. */
  readonly request: {
    /** Counted from the moment of the request. Both bounds are included. */
    readonly shortest: Milliseconds;
    readonly longest: Milliseconds;
    /** The lifetime if none is requested; null: no expiry, the key lives as long as other verdicts allow. */
    readonly default: Milliseconds | null;
  } | null;
  /** The latest end of the key; null: no cap. */
  readonly cap: { readonly at: Instant; readonly basis: StopBasis } | null;
  readonly reason: Reason;
}

/** Whether, how and for how long a key may be renewed, and when that is best done. */
export interface RenewalVerdict {
  readonly isAllowed: boolean;
  /** When a renewal will be allowed; null: unknown, or it is allowed now. */
  readonly allowedAt: Instant | null;
  /** ROTATE: a renewal replaces the secret too. */
  readonly mode: RenewalMode;
  /** The longest lifetime that a renewal gives, counted from the renewal; null: as long as may be requested. */
  readonly longest: Milliseconds | null;
  /** When a renewal is best done. Advice only: an earlier renewal is not refused. Null: at any time. */
  readonly window: { readonly opensAt: Instant; readonly closesAt: Instant } | null;
  /** By how much the grace period of a stalled rotation is extended, once; null: no opinion. */
  readonly graceExtension: Milliseconds | null;
  /** Whether an old secret retires as soon as all its consumers are seen on the new one; null: no opinion. */
  readonly retiresWhenMoved: boolean | null;
  readonly reason: Reason;
}

/**
 * The moments at which an unused key, or a key whose owner is gone, is warned, held and expired; null: never. A review acts on them
 * once all use up to then is known.
 */
export interface DormancyVerdict {
  readonly warnAt: Instant | null;
  readonly holdAt: Instant | null;
  readonly expireAt: Instant | null;
  readonly reason: Reason;
}

/** Facts that are loaded only for modules that read them. A change of such a fact causes a review. */
export type Reading = 'DAYS' | 'CONSUMERS' | 'OWNER';

/** A policy module. */
export interface Policy<Config = unknown> {
  /** The name that bindings use: lower case letters, digits and hyphens, at most 40 characters. */
  readonly name: string;
  /** For people. A binding is pinned to the hash of the module's files, not to this version. */
  readonly version: string;
  /** A name for people, at most 80 characters. */
  readonly title: string;
  /** One or two sentences for people: which keys, and what happens to them. At most 500 characters. */
  readonly summary: string;
  /** The schema of a binding's configuration. It validates a configuration before a binding is made, and is published as JSON Schema. */
  readonly config: z.ZodType<Config>;
  readonly reads?: readonly Reading[];
  expiry?(facts: Facts, config: Config, moment: Instant): ExpiryVerdict;
  renewal?(facts: Facts, config: Config, moment: Instant): RenewalVerdict;
  dormancy?(facts: Facts, config: Config, moment: Instant): DormancyVerdict;
}

/** Defines the policy that a module exports as default. It types the functions with the module's own configuration. */
export function definePolicy<Config>(policy: Policy<Config>): Policy<Config> {
  return policy;
}

/**
 * Creates a schema for a duration in a configuration: ISO 8601 in weeks, days and time, such as `P90D` or `PT15M`, within bounds.
 * The functions get it in milliseconds. Months and years are refused because their length varies. The JSON Schema has the bounds as
 * `formatMinimum` and `formatMaximum`.
 */
export function duration({ min = 'PT0S', max = 'P3650D' }: { readonly min?: string; readonly max?: string } = {}) {
  const [least, most] = [milliseconds(min), milliseconds(max)];
  return z
    .string()
    .meta({ format: 'duration', description: `From ${min} to ${max}.`, formatMinimum: min, formatMaximum: max })
    .transform((text, { addIssue }) => {
      const read = parseDuration(text);
      if ('ms' in read && read.ms >= least && read.ms <= most) return read.ms;
      addIssue('problem' in read ? read.problem : `found ${text}; expected ${min} to ${max}`);
      return z.NEVER;
    });
}

/** Creates the schema of the time over which a policy spreads its BY_USE stops; by default they are not spread. */
export function spreadOver() {
  return duration({ max: 'P90D' }).prefault('PT0S').meta({
    title: 'Spread over',
    description:
      'Each key stops later by its own number of days within this time, so that keys that were last used together do not stop together. PT0S: they are not spread.',
  });
}

/** Says for people by how much the stops of a key are later, after the other sentences of a reason. Empty: not at all. */
export function describeSpread(offset: Milliseconds): string {
  return offset === 0 ? '' : ` Stops are spread: this key has ${describeDuration(offset)} more.`;
}

function milliseconds(text: string): Milliseconds {
  const read = parseDuration(text);
  if ('problem' in read) throw new Error(read.problem);
  return read.ms;
}
