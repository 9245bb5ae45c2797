import type { Prisma } from '../../prisma/generated/client/client.ts';
import { MINUTE_MS } from '../domain/duration.ts';
import { earliest, later, plus } from '../domain/key.ts';
import { review, type Review, type ReviewedKey } from '../domain/review.ts';
import { consumersOf, type PendingRotation } from '../domain/rotation.ts';
import type { Verdict } from '../domain/verdict.ts';
import type { StoredJudgement } from '../policies/judgement.ts';
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
}

/** What a review finds of a key under a verdict. */
export function reviewed(key: LoadedKey, verdict: Verdict, judgement: StoredJudgement | null, now: Date): Reviewed {
  return { key, verdict, result: review(asReviewed(key, now), verdict, now), judgement };
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
  const { notMoved, hasUnlabelled } = consumersOf(retiring.uses, current.uses, now);
  if (current.firstUsedAt === null || notMoved.length > 0 || hasUnlabelled) return { ...pending, movedAt: null };
  const arrivals = current.uses.flatMap(({ firstUsedAt }) => firstUsedAt ?? []);
  return { ...pending, movedAt: arrivals.reduce(later, current.firstUsedAt) };
}
