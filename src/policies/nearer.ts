import { settle } from '../domain/life.ts';
import { stopReason } from '../domain/stop-reason.ts';
import type { Reason, StopBasis } from '../domain/verdict.ts';
import { recall } from './recall.ts';
import { hardCapOf, type BindingVerdict, type StoredJudgement } from './judgement.ts';

/** A key as its row has it before it is judged anew. */
export interface StoredStop {
  readonly chosenExpiresAt: Date | null;
  readonly stopsAt: Date | null;
  readonly stopsBasis: StopBasis | null;
}

/** A new word of a binding that brings the stop of a key nearer. */
export interface NearerWord {
  readonly entry: BindingVerdict;
  readonly to: Date;
  readonly reason: Reason;
}

type Realm = Parameters<typeof recall>[0];

/** What is looked at: the words of all bindings, and those that were stored before. */
export interface Words {
  readonly realm: Realm;
  readonly key: StoredStop;
  readonly judgement: StoredJudgement;
  readonly earlier: StoredJudgement;
}

/**
 * The new word, if any, that brings the stop of a key nearer: nearer than it is stored, than it would be without that word,
 * or the same to a day and no longer moved by use. A new cap by time alone behind a stop that use moves is such a word too:
 * with the next uses it decides.
 */
export function findNearer({ realm, key, judgement, earlier }: Words): NearerWord | null {
  const verdict = recall(realm, judgement);
  const next = settle(key.chosenExpiresAt, verdict);
  const reason = stopReason(verdict, next);
  const decider = judgement.find(({ bindingId, counts }) => counts && bindingId === reason?.by);
  if (next.stopsAt !== null && reason !== null && decider !== undefined && !earlier.includes(decider)) {
    const isNearer = () => {
      const alone = settle(key.chosenExpiresAt, recall(realm, without(judgement, earlier, decider.bindingId)));
      const wasByUse = key.stopsBasis === 'BY_USE' && alone.stopsBasis === 'BY_USE';
      return isBefore(next.stopsAt, alone.stopsAt) || (next.stopsBasis === 'HARD' && wasByUse);
    };
    if (isBefore(next.stopsAt, key.stopsAt) || isNearer()) return { entry: decider, to: next.stopsAt, reason };
  }
  return key.stopsBasis === 'HARD' ? null : findHiddenCap(judgement, earlier);
}

/**
 * The words without those that bring the stop nearer, but for one that may: of the others what they said before counts, and
 * they are asked again.
 */
export function withoutNearer(words: Words, allowed: NearerWord | null): StoredJudgement {
  const { earlier } = words;
  const settled = allowed === null ? earlier : [...earlier, allowed.entry];
  let { judgement } = words;
  for (;;) {
    const nearer = findNearer({ ...words, judgement, earlier: settled });
    if (nearer === null) return judgement;
    judgement = without(judgement, earlier, nearer.entry.bindingId);
  }
}

/** Whether a new word of one binding brings the stop of a key nearer, whatever those of others do. */
export function bringsNearer(words: Words, bindingId: string): boolean {
  let { judgement } = words;
  for (;;) {
    const nearer = findNearer({ ...words, judgement });
    if (nearer === null) return false;
    if (nearer.entry.bindingId === bindingId) return true;
    judgement = without(judgement, words.earlier, nearer.entry.bindingId);
  }
}

function findHiddenCap(judgement: StoredJudgement, earlier: StoredJudgement): NearerWord | null {
  for (const entry of judgement) {
    const at = entry.counts && !earlier.includes(entry) ? hardCapOf(entry) : null;
    if (at === null) continue;
    const before = earlier.find(({ bindingId, counts }) => counts && bindingId === entry.bindingId);
    const wasAt = before === undefined ? null : hardCapOf(before);
    const reason = entry.said.expiry?.reason;
    if (reason !== undefined && (wasAt === null || at < wasAt)) {
      return { entry, to: new Date(at), reason: { ...reason, by: entry.bindingId } };
    }
  }
  return null;
}

/** What bindings say, but for one of them, whose word that counts is what it was before. */
export function without(judgement: StoredJudgement, earlier: StoredJudgement, bindingId: string): StoredJudgement {
  const before = earlier.filter((entry) => entry.bindingId === bindingId && entry.counts);
  return [...judgement.filter((entry) => entry.bindingId !== bindingId || !entry.counts), ...before];
}

/** Null is never. */
function isBefore(to: Date | null, from: Date | null): boolean {
  return to !== null && (from === null || to < from);
}
