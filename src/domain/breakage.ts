import { daysOfBits } from './day-bits.ts';
import { DAY_MS } from './duration.ts';
import { CONSUMER_MEMORY_MS, OVERFLOW_CONSUMER } from './rotation.ts';
import { dayOf } from './usage-day.ts';
import type { Outcome } from './verification.ts';

/** The outcomes that can be breakage. KEY_HELD only if policies alone hold the key. */
export const breakingOutcomes = ['KEY_EXPIRED', 'SECRET_RETIRED', 'KEY_HELD'] as const satisfies readonly Outcome[];

export type BreakingOutcome = (typeof breakingOutcomes)[number];

/** The successful use of one secret of the key by the refused consumer. */
export interface SecretUse {
  readonly generation: number;
  /** Whether it is the secret without a retirement. After an undo that swapped the secrets it is not the newest. */
  readonly isCurrent: boolean;
  readonly firstUsedAt: Date;
  readonly lastUsedAt: Date;
  /** The days of use as texts of bits (`daysOfBits`). Null: a release without them wrote the row. */
  readonly lastDay: number | null;
  readonly days: string | null;
}

/** The refusals of a consumer for one reason, from the first to the last of a short time, and what is known of the consumer. */
export interface RefusedConsumer {
  readonly outcome: Outcome;
  /** The label that the verifier passed. Empty: none. */
  readonly consumer: string;
  /** The generation of the refused secret. */
  readonly generation: number;
  readonly firstAt: Date;
  readonly lastAt: Date;
  /** Whether the outcome is KEY_HELD, and policies alone held the key. */
  readonly heldByPolicy: boolean;
  /** Since when a person, a manager or a leak report holds the key: it would be refused anyway. Null: none does. */
  readonly heldSince: Date | null;
  /** Whether the refused secret was reported as leaked. */
  readonly isLeaked: boolean;
  /** Until then a request may have been under way when a rotation without a grace period retired the secret. Null: no such rotation. */
  readonly underWayUntil: Date | null;
  /** Which secrets of the key the consumer has used successfully, at any time. */
  readonly uses: readonly SecretUse[];
}

/** A consumer that worked, and was refused without having moved to a newer secret. */
export interface FoundBreakage {
  /** The refusal. */
  readonly at: Date;
  /** When the consumer first used the key successfully. */
  readonly firstUsedAt: Date;
  /** When it last did, before the refusal. Where only the day is known: the beginning of that day (UTC). */
  readonly lastUsedAt: Date;
}

/**
 * Returns the breakage that refusals of a consumer mean; null: none. Breakage is a refusal because the key expired, the
 * secret retired or policies hold the key, of a consumer with a label that succeeded with the key in the last 400 days and had not
 * used a newer secret of it. What a person, a manager or a leak report stopped does not count.
 *
 * Only the first and the last moment of the refusals are known. The breakage is the first of the two that counts.
 */
export function findBreakage(refused: RefusedConsumer): FoundBreakage | null {
  if (!canBreak(refused)) return null;
  const { firstAt, lastAt } = refused;
  return breakageAt(refused, firstAt) ?? (lastAt > firstAt ? breakageAt(refused, lastAt) : null);
}

function canBreak({ outcome, consumer, heldByPolicy, isLeaked }: RefusedConsumer): boolean {
  if (consumer === '' || consumer === OVERFLOW_CONSUMER || isLeaked) return false;
  return outcome === 'KEY_HELD' ? heldByPolicy : breakingOutcomes.some((breaking) => breaking === outcome);
}

function breakageAt(refused: RefusedConsumer, at: Date): FoundBreakage | null {
  const { outcome, heldSince, underWayUntil, uses } = refused;
  if (heldSince !== null && heldSince <= at) return null;
  if (outcome === 'SECRET_RETIRED' && underWayUntil !== null && at < underWayUntil) return null;
  const before = uses.filter(({ firstUsedAt }) => firstUsedAt <= at);
  const last = Math.max(...before.map((use) => lastSuccessBefore(use, at)));
  if (before.length === 0 || at.getTime() - last > CONSUMER_MEMORY_MS) return null;
  if (hasMoved(refused, before, at)) return null;
  const first = Math.min(...before.map(({ firstUsedAt }) => firstUsedAt.getTime()));
  return { at, firstUsedAt: new Date(first), lastUsedAt: new Date(last) };
}

/**
 * Whether the consumer had used a newer secret than the refused one. Secrets are newer by their generation. After an undo that
 * swapped them the older one is current again: it counts once the consumer has used it later than the refused one.
 */
function hasMoved({ generation }: RefusedConsumer, before: readonly SecretUse[], at: Date): boolean {
  const own = before.find((use) => use.generation === generation);
  if (own?.isCurrent === true) return false;
  const ownLast = own === undefined ? Number.NEGATIVE_INFINITY : lastSuccessBefore(own, at);
  return before.some((use) => {
    if (use.generation > generation) return true;
    return use.generation < generation && use.isCurrent && lastSuccessBefore(use, at) > ownLast;
  });
}

/** Returns the latest success at or before a moment, in ms: exactly, or the beginning of its day. The first use was before it. */
function lastSuccessBefore({ firstUsedAt, lastUsedAt, lastDay, days }: SecretUse, at: Date): number {
  if (lastUsedAt <= at) return lastUsedAt.getTime();
  const today = dayOf(at.getTime());
  const period = { from: 0, to: today - 1 };
  const [day] = lastDay === null || days === null ? [] : daysOfBits(lastDay, days, period);
  return Math.max(firstUsedAt.getTime(), day === undefined ? 0 : day * DAY_MS);
}
