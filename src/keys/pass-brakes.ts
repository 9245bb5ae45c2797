import { keepStop } from '../domain/keep-notice.ts';
import type { Change } from '../log/change.ts';
import { passBrake, type NearerStop } from '../policies/brake.ts';
import type { Report } from '../policies/judge.ts';
import { recall } from '../policies/recall.ts';
import { readJudgement } from '../policies/judgement.ts';
import { lockRealms } from '../policies/lock-realms.ts';
import { findNearer, withoutNearer, type NearerWord, type Words } from '../policies/nearer.ts';
import { isTurn, writeReports } from '../policies/report.ts';
import { promisedOf } from './judge-key.ts';
import { askedSoon, reviewed, type Reviewed } from './reviewed-key.ts';

/**
 * The one place through which what policy brings nearer goes (law 11): what may be written of each key. Of a key whose nearer
 * stop is refused what is promised stays, and all other words are heard, so that a use moves its stop as ever. Where several
 * words bring the stop of a key nearer, one of them is let through at a time.
 */
export async function passBrakes(
  change: Change,
  proposed: readonly Reviewed[],
  reports: readonly Report[],
  now: Date,
): Promise<readonly Reviewed[]> {
  const words = new Map(proposed.flatMap((one) => nearerOf(one)));
  const stops = [...words].flatMap(([one, word]) => nearerStop(one, word));
  await lockRealms(change.tx, [
    ...reports.filter((report) => isTurn(report, now)).map(({ binding }) => binding.realmId),
    ...proposed.flatMap(({ key }) => (key.waitingStop === null ? [] : [key.realmId])),
    ...stops.map(({ binding }) => binding.realmId),
  ]);
  await writeReports(change, reports, now);
  const passed = await passBrake(change, stops, now);
  const refused = new Set(stops.flatMap(({ keyId }) => (passed.has(keyId) ? [] : [keyId])));
  await forgetWaiting(change, proposed, refused);
  return proposed.map((one) => {
    const word = words.get(one);
    if (word === undefined) return one;
    return refused.has(one.key.id) ? asBefore(one, now) : withOnly(one, word, now);
  });
}

function nearerOf(one: Reviewed): [Reviewed, NearerWord][] {
  const { result, judgement } = one;
  if (judgement === null || result.row.expiredAt !== null) return [];
  const word = findNearer(wordsOf(one));
  return word === null ? [] : [[one, word]];
}

function wordsOf({ key, judgement }: Reviewed): Words {
  const earlier = readJudgement(key.judgement);
  return { realm: key.realm, key, judgement: judgement ?? earlier, earlier };
}

/** Its cause is the revision that said so, which need not be the newest. */
function nearerStop({ key }: Reviewed, { entry, to, reason }: NearerWord): NearerStop[] {
  const { revision, hash } = entry;
  const binding = key.realm.bindings.find(({ id }) => id === entry.bindingId);
  if (binding === undefined) return [];
  const budget = revision === binding.revision ? binding.budget : null;
  return [{ keyId: key.id, from: key.stopsAt, to, reason, binding: { ...binding, revision, hash, budget } }];
}

function asBefore(one: Reviewed, now: Date): Reviewed {
  const { key, isUntold } = one;
  const words = withoutNearer(wordsOf(one), null);
  return reviewed(key, words, isUntold, now, (said) => keepStop(recall(key.realm, said), promisedOf(key)));
}

function withOnly(one: Reviewed, word: NearerWord, now: Date): Reviewed {
  const { key, judgement, isUntold } = one;
  const words = withoutNearer(wordsOf(one), word);
  return words === judgement ? one : askedSoon(reviewed(key, words, isUntold, now), now);
}

/** What waited behind a brake, and is no nearer any more, waits no longer. */
async function forgetWaiting(
  { tx }: Change,
  proposed: readonly Reviewed[],
  refused: ReadonlySet<string>,
): Promise<void> {
  const over = proposed.filter(({ key }) => key.waitingStop !== null && !refused.has(key.id)).map(({ key }) => key.id);
  if (over.length > 0) await tx.waitingStop.deleteMany({ where: { keyId: { in: over } } });
}
