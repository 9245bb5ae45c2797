import type { Binding } from '../../../prisma/generated/client/client.ts';
import type { EventDraft } from '../../domain/event-detail.ts';
import { hasCome } from '../../domain/key.ts';
import { review } from '../../domain/review.ts';
import type { DormancyState } from '../../domain/verdict.ts';
import type { EvaluatedKey } from '../../policies/evaluated-key.ts';
import { earliestReviewAt, type KeyLife, type verdictColumns } from '../apply-policies.ts';
import { reviewActor } from '../record-review.ts';

/** The dormancy state of an imported key, when it is reviewed, and the events that the first review records. */
export interface FirstReview {
  readonly standing: DormancyState;
  readonly reviewAt: Date | null;
  /** Without the key, its realm and its owner. */
  readonly events: readonly EventDraft[];
}

/**
 * Reviews an imported key that would be due for review at once, because it has not been used for long: it is warned with its import.
 * A key about which the review decides more, or which was not evaluated completely, is left to the review loop.
 */
export function reviewAtImport(
  life: KeyLife & { readonly grantedAt: Date; readonly activeAt: Date },
  columns: ReturnType<typeof verdictColumns>,
  { verdict, isIncomplete }: EvaluatedKey,
  { isHeld, bindings, now }: { readonly isHeld: boolean; readonly bindings: readonly Binding[]; readonly now: Date },
): FirstReview {
  const later = { standing: life.standing, reviewAt: columns.reviewAt, events: [] };
  if (isIncomplete || !hasCome(columns.reviewAt, now)) return later;
  const key = {
    ...life,
    ...columns,
    expiredAt: null,
    revokedAt: null,
    isHeld,
    isHeldByPerson: isHeld,
    heldBy: null,
    rotation: null,
    noticesGiven: new Set<number>(),
  };
  const { row, hold, notice, events } = review(key, verdict, now);
  if (row.expiredAt !== null || hold !== 'UNCHANGED' || notice !== null) return later;
  return {
    standing: row.standing,
    reviewAt: earliestReviewAt(row.reviewAt, columns.renewalDueAt, now),
    events: events.map(({ by, ...event }) => ({ ...event, actor: reviewActor(by, bindings) })),
  };
}
