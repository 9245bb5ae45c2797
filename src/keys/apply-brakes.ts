import { preserveStop } from '../domain/apply-notice.ts';
import type { Change } from '../log/change.ts';
import { applyBrake, type ShorteningWrite } from '../policies/apply-brake.ts';
import type { EvaluationReport } from '../policies/evaluate-policies.ts';
import { combineVerdicts } from '../policies/combine-verdicts.ts';
import { parseStoredVerdicts } from '../policies/stored-verdicts.ts';
import { lockRealms } from '../policies/lock-realms.ts';
import { findShortening, dropShortening, type Shortening, type VerdictUpdate } from '../policies/shortening.ts';
import { mayChangeHealth, writeReports } from '../policies/write-reports.ts';
import { keyStopPromiseOf } from './apply-policies.ts';
import { recheckSoon, reviewKey, type KeyReview } from './review-key.ts';

/**
 * The one place through which what policy brings nearer goes (law 11): what may be written of each key. Of a key whose nearer
 * stop is refused what is promised stays, and all other words are heard, so that a use moves its stop as ever. Where several
 * words bring the stop of a key nearer, one of them is let through at a time.
 */
export async function applyBrakes(
  change: Change,
  proposed: readonly KeyReview[],
  reports: readonly EvaluationReport[],
  now: Date,
): Promise<readonly KeyReview[]> {
  const words = new Map(proposed.flatMap((one) => shorteningOf(one)));
  const stops = [...words].flatMap(([one, word]) => shortenedStop(one, word));
  await lockRealms(change.tx, [
    ...reports.filter((report) => mayChangeHealth(report, now)).map(({ binding }) => binding.realmId),
    ...proposed.flatMap(({ key }) => (key.waitingStop === null ? [] : [key.realmId])),
    ...stops.map(({ binding }) => binding.realmId),
  ]);
  await writeReports(change, reports, now);
  const passed = await applyBrake(change, stops, now);
  const refused = new Set(stops.flatMap(({ keyId }) => (passed.has(keyId) ? [] : [keyId])));
  await dropWaitingStops(change, proposed, refused);
  return proposed.map((one) => {
    const word = words.get(one);
    if (word === undefined) return one;
    return refused.has(one.key.id) ? withStoredStop(one, now) : withOneShortening(one, word, now);
  });
}

function shorteningOf(one: KeyReview): [KeyReview, Shortening][] {
  const { result, judgement } = one;
  if (judgement === null || result.row.expiredAt !== null) return [];
  const word = findShortening(verdictUpdateOf(one));
  return word === null ? [] : [[one, word]];
}

function verdictUpdateOf({ key, judgement }: KeyReview): VerdictUpdate {
  const earlier = parseStoredVerdicts(key.judgement);
  return { realm: key.realm, key, verdicts: judgement ?? earlier, previous: earlier };
}

/** Its cause is the revision that said so, which need not be the newest. */
function shortenedStop({ key }: KeyReview, { verdict, to, reason }: Shortening): ShorteningWrite[] {
  const { revision, hash } = verdict;
  const binding = key.realm.bindings.find(({ id }) => id === verdict.bindingId);
  if (binding === undefined) return [];
  const budget = revision === binding.revision ? binding.budget : null;
  return [{ keyId: key.id, from: key.stopsAt, to, reason, binding: { ...binding, revision, hash, budget } }];
}

function withStoredStop(one: KeyReview, now: Date): KeyReview {
  const { key, isUnnotified } = one;
  const words = dropShortening(verdictUpdateOf(one), null);
  return reviewKey(key, words, isUnnotified, now, (said) =>
    preserveStop(combineVerdicts(key.realm, said), keyStopPromiseOf(key)),
  );
}

function withOneShortening(one: KeyReview, word: Shortening, now: Date): KeyReview {
  const { key, judgement, isUnnotified } = one;
  const words = dropShortening(verdictUpdateOf(one), word);
  return words === judgement ? one : recheckSoon(reviewKey(key, words, isUnnotified, now), now);
}

/** What waited behind a brake, and is no nearer any more, waits no longer. */
async function dropWaitingStops(
  { tx }: Change,
  proposed: readonly KeyReview[],
  refused: ReadonlySet<string>,
): Promise<void> {
  const over = proposed.filter(({ key }) => key.waitingStop !== null && !refused.has(key.id)).map(({ key }) => key.id);
  if (over.length > 0) await tx.waitingStop.deleteMany({ where: { keyId: { in: over } } });
}
