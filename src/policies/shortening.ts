import { decideStop } from '../domain/life.ts';
import { stopReasonOf } from '../domain/stop-reason.ts';
import type { AttributedReason, StopBasis } from '../domain/verdict.ts';
import { combineVerdicts } from './combine-verdicts.ts';
import { hardCapOf, type BindingVerdict, type StoredVerdicts } from './stored-verdicts.ts';

/** A key as its row has it before it is judged anew. */
export interface StoredStop {
  readonly chosenExpiresAt: Date | null;
  readonly stopsAt: Date | null;
  readonly stopsBasis: StopBasis | null;
}

/** A new word of a binding that brings the stop of a key nearer. */
export interface Shortening {
  readonly verdict: BindingVerdict;
  readonly to: Date;
  readonly reason: AttributedReason;
}

type Realm = Parameters<typeof combineVerdicts>[0];

/** What is looked at: the words of all bindings, and those that were stored before. */
export interface VerdictUpdate {
  readonly realm: Realm;
  readonly key: StoredStop;
  readonly verdicts: StoredVerdicts;
  readonly previous: StoredVerdicts;
}

/**
 * The new word, if any, that brings the stop of a key nearer: nearer than it is stored, than it would be without that word,
 * or the same to a day and no longer moved by use. A new cap by time alone behind a stop that use moves is such a word too:
 * with the next uses it decides.
 */
export function findShortening({ realm, key, verdicts, previous }: VerdictUpdate): Shortening | null {
  const verdict = combineVerdicts(realm, verdicts);
  const next = decideStop(key.chosenExpiresAt, verdict);
  const reason = stopReasonOf(verdict, next);
  const decider = verdicts.find(({ bindingId, counts }) => counts && bindingId === reason?.by);
  if (next.stopsAt !== null && reason !== null && decider !== undefined && !previous.includes(decider)) {
    const isNearer = () => {
      const alone = decideStop(
        key.chosenExpiresAt,
        combineVerdicts(realm, revertVerdict(verdicts, previous, decider.bindingId)),
      );
      const wasByUse = key.stopsBasis === 'BY_USE' && alone.stopsBasis === 'BY_USE';
      return isBefore(next.stopsAt, alone.stopsAt) || (next.stopsBasis === 'HARD' && wasByUse);
    };
    if (isBefore(next.stopsAt, key.stopsAt) || isNearer()) return { verdict: decider, to: next.stopsAt, reason };
  }
  return key.stopsBasis === 'HARD' ? null : findLatentCap(verdicts, previous);
}

/**
 * The words without those that bring the stop nearer, but for one that may: of the others what they said before counts, and
 * they are asked again.
 */
export function dropShortening(words: VerdictUpdate, allowed: Shortening | null): StoredVerdicts {
  const { previous } = words;
  const settled = allowed === null ? previous : [...previous, allowed.verdict];
  let { verdicts } = words;
  for (;;) {
    const nearer = findShortening({ ...words, verdicts, previous: settled });
    if (nearer === null) return verdicts;
    verdicts = revertVerdict(verdicts, previous, nearer.verdict.bindingId);
  }
}

/** Whether a new word of one binding brings the stop of a key nearer, whatever those of others do. */
export function isShortening(words: VerdictUpdate, bindingId: string): boolean {
  let { verdicts } = words;
  for (;;) {
    const nearer = findShortening({ ...words, verdicts });
    if (nearer === null) return false;
    if (nearer.verdict.bindingId === bindingId) return true;
    verdicts = revertVerdict(verdicts, words.previous, nearer.verdict.bindingId);
  }
}

function findLatentCap(judgement: StoredVerdicts, earlier: StoredVerdicts): Shortening | null {
  for (const entry of judgement) {
    const at = entry.counts && !earlier.includes(entry) ? hardCapOf(entry) : null;
    if (at === null) continue;
    const before = earlier.find(({ bindingId, counts }) => counts && bindingId === entry.bindingId);
    const wasAt = before === undefined ? null : hardCapOf(before);
    const reason = entry.raw.expiry?.reason;
    if (reason !== undefined && (wasAt === null || at < wasAt)) {
      return { verdict: entry, to: new Date(at), reason: { ...reason, by: entry.bindingId } };
    }
  }
  return null;
}

/** What bindings say, but for one of them, whose word that counts is what it was before. */
export function revertVerdict(judgement: StoredVerdicts, earlier: StoredVerdicts, bindingId: string): StoredVerdicts {
  const before = earlier.filter((entry) => entry.bindingId === bindingId && entry.counts);
  return [...judgement.filter((entry) => entry.bindingId !== bindingId || !entry.counts), ...before];
}

/** Null is never. */
function isBefore(to: Date | null, from: Date | null): boolean {
  return to !== null && (from === null || to < from);
}
