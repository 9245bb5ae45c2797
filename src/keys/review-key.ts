import { automationOf } from '../domain/automation.ts';
import { findCadence } from '../domain/cadence.ts';
import { DAY_MS, MINUTE_MS } from '../domain/duration.ts';
import { earliest, latest, addMs } from '../domain/key.ts';
import { review, type Review, type ReviewedKey } from '../domain/review.ts';
import { splitConsumers, movesCountedFrom, type OpenRotation } from '../domain/rotation.ts';
import type { Verdict } from '../domain/verdict.ts';
import { postponementMs } from '../domain/postpone.ts';
import { combineVerdicts } from '../policies/combine-verdicts.ts';
import { postponeVerdicts, parseStoredVerdicts, type StoredVerdicts } from '../policies/stored-verdicts.ts';
import { lifelineOf, recordedRotation } from './key-row.ts';
import type { KeyForReview } from './read-keys-for-review.ts';

/** How soon a key is reviewed again when its evaluation was incomplete, or when new verdicts wait to be applied. */
const RECHECK_MS = MINUTE_MS;

/** The result of a review of a key, with the verdict that it is based on. */
export interface KeyReview {
  readonly key: KeyForReview;
  readonly verdict: Verdict;
  readonly result: Review;
  /** The verdicts to store; null: the stored ones stay. */
  readonly verdicts: StoredVerdicts | null;
  /** Whether its BY_USE stop has come although none of its notices was delivered. */
  readonly isUnnotified: boolean;
  /** How far its stop is postponed for lack of a delivered notice; null: not at all. */
  readonly postponedMs: number | null;
}

/**
 * Reviews a key under `newVerdicts`, or under its stored verdicts if they are null. If none of the notices of a BY_USE
 * stop that has come was delivered, the stop is postponed, once.
 */
export function reviewKey(
  key: KeyForReview,
  newVerdicts: StoredVerdicts | null,
  isUnnotified: boolean,
  now: Date,
  combine: (verdicts: StoredVerdicts) => Verdict = (verdicts) => combineVerdicts(key.realm, verdicts),
): KeyReview {
  const verdicts = newVerdicts ?? parseStoredVerdicts(key.judgement);
  const row = toReviewedKey(key, now);
  const verdict = combine(verdicts);
  const noticeMsOf = (id: string) =>
    verdicts.find(({ bindingId, counts }) => counts && bindingId === id)?.noticeMs ?? 0;
  const postponedMs = isUnnotified ? postponementMs({ ...row, ...key }, verdict, noticeMsOf, now) : null;
  if (postponedMs === null) {
    return { key, verdict, result: review(row, verdict, now), verdicts: newVerdicts, isUnnotified, postponedMs };
  }
  const postponed = postponeVerdicts(verdicts, postponedMs);
  const postponedVerdict = combine(postponed);
  const result = review(row, postponedVerdict, now, true);
  return { key, verdict: postponedVerdict, result, verdicts: postponed, isUnnotified, postponedMs };
}

/**
 * Returns the review with the key's next review due within a minute, unless the key has expired. Used if the evaluation
 * was incomplete, or if only one of several shortenings was applied.
 */
export function recheckSoon(reviewed: KeyReview, now: Date): KeyReview {
  const { row } = reviewed.result;
  if (row.expiredAt !== null) return reviewed;
  const reviewAt = earliest(row.reviewAt, addMs(now, RECHECK_MS));
  return { ...reviewed, result: { ...reviewed.result, row: { ...row, reviewAt } } };
}

/** Returns a key's rows in the form that `review` takes. */
export function toReviewedKey(key: KeyForReview, now: Date): ReviewedKey {
  return {
    ...key,
    ...lifelineOf(key),
    heldBy: key.holds.find((hold) => hold.source === 'POLICY')?.sourceId ?? null,
    isHeldByPerson: key.holds.some((hold) => hold.source !== 'POLICY'),
    rotation: pendingRotationOf(key, now),
    noticesGiven: thresholdsOf(key.notices.filter(({ nextUseFrom }) => nextUseFrom === null)),
    nextUse: {
      cadence: findCadence(key.useDays.map((day) => day * DAY_MS)),
      isRenewed: key.tokenRuleId !== null || automationOf(key, now) === 'WORKING',
      noticesGiven: thresholdsOf(key.notices.filter(({ nextUseFrom }) => nextUseFrom !== null)),
    },
  };
}

function thresholdsOf(notices: KeyForReview['notices']): ReadonlySet<number> {
  return new Set(notices.map(({ thresholdMs }) => Number(thresholdMs)));
}

/**
 * Returns the rotation whose end no review has recorded, and since when all consumers have moved. Its end may have
 * passed.
 */
function pendingRotationOf(key: KeyForReview, now: Date): OpenRotation | null {
  const recorded = recordedRotation(key);
  if (recorded === null) return null;
  const { current, retiring, pending } = recorded;
  const since = movesCountedFrom(recorded, key.rotationStartedAt);
  const { notMoved, hasUnlabelled } = splitConsumers(retiring.uses, current.uses, since, now);
  if (current.firstUsedAt === null || notMoved.length > 0 || hasUnlabelled) return { ...pending, movedAt: null };
  const arrivals = current.uses.flatMap(({ firstUsedAt }) => firstUsedAt ?? []);
  return { ...pending, movedAt: arrivals.reduce(latest, since ?? current.firstUsedAt) };
}
