import { preserveStop } from '../domain/apply-notice.ts';
import type { Change } from '../log/change.ts';
import { applyBrake, type ShorteningWrite } from '../brakes/apply-brake.ts';
import type { EvaluationReport } from '../policies/evaluated-key.ts';
import { combineVerdicts } from '../policies/combine-verdicts.ts';
import { parseStoredVerdicts } from '../policies/stored-verdicts.ts';
import { lockRealms } from '../policies/lock-realm.ts';
import { findShortening, dropShortening, type Shortening, type VerdictUpdate } from '../policies/shortening.ts';
import { mayChangeHealth, writeReports } from '../policies/write-reports.ts';
import { keyStopPromiseOf } from './apply-policies.ts';
import { recheckSoon, reviewKey, type KeyReview } from './review-key.ts';

/**
 * Returns what may be written for each reviewed key. Every shortening by policy passes through here (law 11). If the
 * brake refuses an earlier stop, the key keeps its stored stop; all other verdicts still apply, so that use continues
 * to extend it. If several new verdicts would shorten the stop of one key, one of them is applied at a time.
 */
export async function applyBrakes(
  change: Change,
  proposed: readonly KeyReview[],
  reports: readonly EvaluationReport[],
  now: Date,
): Promise<readonly KeyReview[]> {
  const shortenings = new Map(proposed.flatMap((review) => shorteningOf(review)));
  const stops = [...shortenings].flatMap(([review, shortening]) => shortenedStop(review, shortening, reports));
  await lockRealms(change.tx, [
    ...reports.filter((report) => mayChangeHealth(report, now)).map(({ binding }) => binding.realmId),
    ...proposed.flatMap(({ key }) => (key.waitingStop === null ? [] : [key.realmId])),
    ...stops.map(({ binding }) => binding.realmId),
  ]);
  await writeReports(change, reports, now);
  const passed = await applyBrake(change, stops, now);
  const refused = new Set(stops.flatMap(({ keyId }) => (passed.has(keyId) ? [] : [keyId])));
  await dropWaitingStops(change, proposed, refused);
  return proposed.map((review) => {
    const shortening = shortenings.get(review);
    if (shortening === undefined) return review;
    return refused.has(review.key.id) ? withStoredStop(review, now) : withOneShortening(review, shortening, now);
  });
}

function shorteningOf(review: KeyReview): [KeyReview, Shortening][] {
  const { result, verdicts } = review;
  if (verdicts === null || result.row.expiredAt !== null) return [];
  const shortening = findShortening(verdictUpdateOf(review));
  return shortening === null ? [] : [[review, shortening]];
}

function verdictUpdateOf({ key, verdicts }: KeyReview): VerdictUpdate {
  const previous = parseStoredVerdicts(key.judgement);
  return { realm: key.realm, key, verdicts: verdicts ?? previous, previous };
}

/**
 * Returns the write that the brake counts. Its cause is the revision that gave the verdict, which need not be the
 * newest.
 */
function shortenedStop(
  { key }: KeyReview,
  { verdict, to, reason }: Shortening,
  reports: readonly EvaluationReport[],
): ShorteningWrite[] {
  const { revision, hash } = verdict;
  const binding = key.realm.bindings.find(({ id }) => id === verdict.bindingId);
  if (binding === undefined) return [];
  const isOfRollout = (report: EvaluationReport) => report.binding.id === binding.id && report.revision === revision;
  const rollout = reports.find(isOfRollout)?.rollout ?? null;
  const budget = rollout?.brakeBudget ?? (revision === binding.revision ? binding.budget : null);
  const cause = { ...binding, revision, hash, budget, rolloutId: rollout?.id ?? null };
  return [{ keyId: key.id, from: key.stopsAt, to, reason, binding: cause }];
}

function withStoredStop(review: KeyReview, now: Date): KeyReview {
  const { key, isUnnotified } = review;
  const verdicts = dropShortening(verdictUpdateOf(review), null);
  return reviewKey(key, verdicts, isUnnotified, now, (combined) =>
    preserveStop(combineVerdicts(key.realm, combined), keyStopPromiseOf(key)),
  );
}

function withOneShortening(review: KeyReview, allowed: Shortening, now: Date): KeyReview {
  const { key, isUnnotified } = review;
  const verdicts = dropShortening(verdictUpdateOf(review), allowed);
  return verdicts === review.verdicts ? review : recheckSoon(reviewKey(key, verdicts, isUnnotified, now), now);
}

/** Deletes the waiting stops of keys that no longer have a refused shortening. */
async function dropWaitingStops(
  { tx }: Change,
  proposed: readonly KeyReview[],
  refused: ReadonlySet<string>,
): Promise<void> {
  const over = proposed.filter(({ key }) => key.waitingStop !== null && !refused.has(key.id)).map(({ key }) => key.id);
  if (over.length > 0) await tx.waitingStop.deleteMany({ where: { keyId: { in: over } } });
}
