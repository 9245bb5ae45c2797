import { later } from '../domain/key.ts';
import { settle } from '../domain/life.ts';
import { stopReason } from '../domain/stop-reason.ts';
import type { Judged } from '../policies/judge.ts';
import type { JudgedRealm } from '../policies/judged-realm.ts';
import { asSaid, type StoredJudgement } from '../policies/judgement.ts';
import { recall, recallUnplaced } from '../policies/recall.ts';
import { bringsNearer, without } from '../policies/nearer.ts';
import type { Effect } from './count-preview.ts';
import type { LoadedSubject } from './load-subjects.ts';

/** What becomes of a key: beside what it would come to without the change, and nearer as the brake counts it. */
export function effectOf(
  realm: JudgedRealm,
  key: LoadedSubject,
  { verdict, judgement }: Pick<Judged, 'verdict' | 'judgement'>,
  bindingId: string,
): Effect {
  const { earlier } = key.subject;
  const settled = (words: StoredJudgement) => settle(key.chosenExpiresAt, recall(realm, words));
  const before = settled(without(judgement, earlier, bindingId)).stopsAt;
  const next = settle(key.chosenExpiresAt, verdict);
  return {
    before: latest(before, key.stopsAt),
    after: next.stopsAt,
    said: () => settle(key.chosenExpiresAt, recallUnplaced(realm, asSaid(judgement))).stopsAt,
    reason: stopReason(verdict, next),
    basis: next.stopsBasis,
    isNearer: bringsNearer({ realm, key, judgement, earlier }, bindingId),
  };
}

/** The later of two stops; null is never. */
function latest(a: Date | null, b: Date | null): Date | null {
  return a === null || b === null ? null : later(a, b);
}
