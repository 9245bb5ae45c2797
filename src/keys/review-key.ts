import type { Prisma } from '../../prisma/generated/client/client.ts';
import { MINUTE_MS } from '../domain/duration.ts';
import { earliest, latest, addMs } from '../domain/key.ts';
import { review, type Review, type ReviewedKey } from '../domain/review.ts';
import { splitConsumers, movesCountedFrom, type OpenRotation } from '../domain/rotation.ts';
import type { Verdict } from '../domain/verdict.ts';
import { postponementMs } from '../domain/postpone.ts';
import { combineVerdicts } from '../policies/combine-verdicts.ts';
import { postponeVerdicts, parseStoredVerdicts, type StoredVerdicts } from '../policies/stored-verdicts.ts';
import { lifelineOf, recordedRotation } from './key-row.ts';

/** How soon a key is looked at again about which not all were asked. */
const RECHECK_MS = MINUTE_MS;

export const reviewInclude = {
  realm: { include: { freezes: true, bindings: true } },
  holds: true,
  labels: true,
  judgement: true,
  waitingStop: true,
  notices: true,
  secrets: { include: { uses: true } },
} satisfies Prisma.KeyInclude;

export type KeyForReview = Prisma.KeyGetPayload<{ include: typeof reviewInclude }>;

/** What a review found of a key, and what it stands on. */
export interface KeyReview {
  readonly key: KeyForReview;
  readonly verdict: Verdict;
  readonly result: Review;
  /** Null: what bindings said before stays. */
  readonly judgement: StoredVerdicts | null;
  /** Whether none of the notices of its stop could be delivered. */
  readonly isUnnotified: boolean;
  /** How far its stop was moved out because of that; null: it was not. */
  readonly postponedMs: number | null;
}

/**
 * Reviews a key under what bindings say; null: under what they said before. A stop of which nobody was told, though somebody
 * was to be, moves out.
 */
export function reviewKey(
  key: KeyForReview,
  judgement: StoredVerdicts | null,
  isUntold: boolean,
  now: Date,
  verdictOf: (said: StoredVerdicts) => Verdict = (said) => combineVerdicts(key.realm, said),
): KeyReview {
  const said = judgement ?? parseStoredVerdicts(key.judgement);
  const row = toReviewedKey(key, now);
  const verdict = verdictOf(said);
  const noticeMsOf = (id: string) => said.find(({ bindingId, counts }) => counts && bindingId === id)?.noticeMs ?? 0;
  const movedOutMs = isUntold ? postponementMs({ ...row, ...key }, verdict, noticeMsOf, now) : null;
  if (movedOutMs === null) {
    return {
      key,
      verdict,
      result: review(row, verdict, now),
      judgement,
      isUnnotified: isUntold,
      postponedMs: movedOutMs,
    };
  }
  const words = postponeVerdicts(said, movedOutMs);
  const moved = verdictOf(words);
  return {
    key,
    verdict: moved,
    result: review(row, moved, now, true),
    judgement: words,
    isUnnotified: isUntold,
    postponedMs: movedOutMs,
  };
}

/** The same, of a key about which not all were asked: it is looked at again soon. */
export function recheckSoon(one: KeyReview, now: Date): KeyReview {
  const { row } = one.result;
  if (row.expiredAt !== null) return one;
  const reviewAt = earliest(row.reviewAt, addMs(now, RECHECK_MS));
  return { ...one, result: { ...one.result, row: { ...row, reviewAt } } };
}

/** A key as its rows have it. */
export function toReviewedKey(key: KeyForReview, now: Date): ReviewedKey {
  const given = key.notices.filter((notice) => notice.stopsAt.getTime() === key.stopsAt?.getTime());
  return {
    ...key,
    ...lifelineOf(key),
    heldBy: key.holds.find((hold) => hold.source === 'POLICY')?.sourceId ?? null,
    isHeldByPerson: key.holds.some((hold) => hold.source !== 'POLICY'),
    rotation: pendingRotationOf(key, now),
    noticesGiven: new Set(given.map((notice) => Number(notice.thresholdMs))),
  };
}

/** The rotation that the key's row speaks of, and whether it is stalled; its moment may have passed since. */
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
