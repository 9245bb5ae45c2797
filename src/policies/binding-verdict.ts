import { applyNotice, postponeDueStops, type StopPromise } from '../domain/apply-notice.ts';
import { hasCome, latest } from '../domain/key.ts';
import type { Moment, Verdict } from '../domain/verdict.ts';
import type { Revision } from './revisions.ts';
import { hardCapOf, type BindingVerdict } from './stored-verdicts.ts';
import { readVerdict, type RawVerdict } from './read-verdict.ts';
import { effectiveVerdict } from './combine-verdicts.ts';
import type { EvaluationInput } from './evaluation-input.ts';

/**
 * Of a key that is being made nobody relies on a later stop; of all others notice is kept. What is announced stops nothing
 * before it is effective, and its notice is counted from then.
 */
export function bindingVerdictOf(
  { bindingId, revision, hash, counts, noticeMs, effectiveAt }: Revision,
  said: RawVerdict,
  { promise, previous }: EvaluationInput,
  now: Date,
): BindingVerdict {
  const verdict = readVerdict(said, bindingId);
  const own = previous.find((entry) => entry.bindingId === bindingId && entry.counts);
  const relied = hasCome(effectiveAt, now) ? promise : promiseFrom(promise, effectiveAt);
  const from = latest(now, effectiveAt);
  const kept = relied === 'NEW' ? verdict : applyNotice(verdict, relied, noticeMs, from, ownCapOf(own));
  return { bindingId, revision, hash, at: now.getTime(), counts, noticeMs, said, kept: stopsOf(kept) };
}

/** A stop that comes before anything else can is no reason for that to come as soon. */
function promiseFrom(promised: EvaluationInput['promise'], from: Date): StopPromise {
  if (promised === 'NEW') return { stopsAt: null, basis: null, isHeld: false, postponedMs: 0 };
  const { stopsAt, isHeld } = promised;
  return isHeld || stopsAt === null ? promised : { ...promised, stopsAt: latest(stopsAt, from) };
}

/** The cap by time alone that a binding has given a key before; null: none. One by use was no promise of it. */
function ownCapOf(entry: BindingVerdict | undefined): Date | null {
  const at = entry === undefined ? null : hardCapOf(entry);
  return at === null ? null : new Date(at);
}

function stopsOf({ cap, hold, expire }: Verdict): BindingVerdict['kept'] {
  return { cap: msOf(cap), hold: msOf(hold), expire: msOf(expire) };
}

function msOf(moment: Moment | null): number | null {
  return moment?.at.getTime() ?? null;
}

/**
 * What a binding said of the key when it was last asked; of a key of which it never did, the bounds that it last gave. A stop
 * that use might have moved since is not decided on its last word (law 9): when it comes it is put off by the notice period.
 */
export function fallbackVerdictOf(
  { previous, promise }: EvaluationInput,
  { bindingId, revision, hash, counts, noticeMs, binding }: Revision,
  now: Date,
): BindingVerdict | null {
  const entry = previous.find((one) => one.bindingId === bindingId && one.counts);
  if (entry !== undefined && (promise === 'NEW' || !counts)) return { ...entry, counts };
  if (entry !== undefined && promise !== 'NEW') {
    // What was moved out of it has been already.
    const kept = applyNotice(effectiveVerdict(entry), { ...promise, postponedMs: 0 }, noticeMs, now, ownCapOf(entry));
    return { ...entry, counts, kept: stopsOf(postponeDueStops(kept, promise.isHeld, now, noticeMs)) };
  }
  const said = binding.lastBounds as unknown as RawVerdict | null;
  if (said === null) return null;
  return { bindingId, revision, hash, at: 0, counts, noticeMs, said, kept: { cap: null, hold: null, expire: null } };
}
