import type { Prisma } from '../../prisma/generated/client/client.ts';
import { MINUTE_MS } from '../domain/duration.ts';
import { earliest, later, plus } from '../domain/key.ts';
import { review, type Review, type ReviewedKey } from '../domain/review.ts';
import { consumersOf, movesCountFrom, type PendingRotation } from '../domain/rotation.ts';
import type { Verdict } from '../domain/verdict.ts';
import { moveOutMs } from '../domain/move-out.ts';
import { recall } from '../policies/recall.ts';
import { movedOutWords, readJudgement, type StoredJudgement } from '../policies/judgement.ts';
import { lifelineOf, recordedRotation } from './stored-key.ts';

/** How soon a key is looked at again about which not all were asked. */
const ASK_AGAIN_MS = MINUTE_MS;

export const whatReviewsRead = {
  realm: { include: { freezes: true, bindings: true } },
  holds: true,
  labels: true,
  judgement: true,
  waitingStop: true,
  notices: true,
  secrets: { include: { uses: true } },
} satisfies Prisma.KeyInclude;

export type LoadedKey = Prisma.KeyGetPayload<{ include: typeof whatReviewsRead }>;

/** What a review found of a key, and what it stands on. */
export interface Reviewed {
  readonly key: LoadedKey;
  readonly verdict: Verdict;
  readonly result: Review;
  /** Null: what bindings said before stays. */
  readonly judgement: StoredJudgement | null;
  /** Whether none of the notices of its stop could be delivered. */
  readonly isUntold: boolean;
  /** How far its stop was moved out because of that; null: it was not. */
  readonly movedOutMs: number | null;
}

/**
 * Reviews a key under what bindings say; null: under what they said before. A stop of which nobody was told, though somebody
 * was to be, moves out.
 */
export function reviewed(
  key: LoadedKey,
  judgement: StoredJudgement | null,
  isUntold: boolean,
  now: Date,
  verdictOf: (said: StoredJudgement) => Verdict = (said) => recall(key.realm, said),
): Reviewed {
  const said = judgement ?? readJudgement(key.judgement);
  const row = asReviewed(key, now);
  const verdict = verdictOf(said);
  const noticeMsOf = (id: string) => said.find(({ bindingId, counts }) => counts && bindingId === id)?.noticeMs ?? 0;
  const movedOutMs = isUntold ? moveOutMs({ ...row, ...key }, verdict, noticeMsOf, now) : null;
  if (movedOutMs === null) {
    return { key, verdict, result: review(row, verdict, now), judgement, isUntold, movedOutMs };
  }
  const words = movedOutWords(said, movedOutMs);
  const moved = verdictOf(words);
  return { key, verdict: moved, result: review(row, moved, now, true), judgement: words, isUntold, movedOutMs };
}

/** The same, of a key about which not all were asked: it is looked at again soon. */
export function askedSoon(one: Reviewed, now: Date): Reviewed {
  const { row } = one.result;
  if (row.expiredAt !== null) return one;
  const reviewAt = earliest(row.reviewAt, plus(now, ASK_AGAIN_MS));
  return { ...one, result: { ...one.result, row: { ...row, reviewAt } } };
}

/** A key as its rows have it. */
export function asReviewed(key: LoadedKey, now: Date): ReviewedKey {
  const given = key.notices.filter((notice) => notice.stopsAt.getTime() === key.stopsAt?.getTime());
  return {
    ...key,
    ...lifelineOf(key),
    heldBy: key.holds.find((hold) => hold.source === 'POLICY')?.sourceId ?? null,
    isHeldByPerson: key.holds.some((hold) => hold.source !== 'POLICY'),
    rotation: pendingOf(key, now),
    noticesGiven: new Set(given.map((notice) => Number(notice.thresholdMs))),
  };
}

/** The rotation that the key's row speaks of, and whether it is stalled; its moment may have passed since. */
function pendingOf(key: LoadedKey, now: Date): PendingRotation | null {
  const recorded = recordedRotation(key);
  if (recorded === null) return null;
  const { current, retiring, pending } = recorded;
  const since = movesCountFrom(recorded, key.rotationStartedAt);
  const { notMoved, hasUnlabelled } = consumersOf(retiring.uses, current.uses, since, now);
  if (current.firstUsedAt === null || notMoved.length > 0 || hasUnlabelled) return { ...pending, movedAt: null };
  const arrivals = current.uses.flatMap(({ firstUsedAt }) => firstUsedAt ?? []);
  return { ...pending, movedAt: arrivals.reduce(later, since ?? current.firstUsedAt) };
}
