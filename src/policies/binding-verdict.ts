import { applyNotice, postponeDueStops, type StopPromise } from '../domain/apply-notice.ts';
import { hasCome, latest } from '../domain/key.ts';
import type { Moment, Verdict } from '../domain/verdict.ts';
import type { Revision } from './revisions.ts';
import { hardCapOf, type BindingVerdict, type EffectiveStops } from './stored-verdicts.ts';
import { readVerdict, type RawVerdict } from './read-verdict.ts';
import { effectiveVerdict, rememberEffective } from './combine-verdicts.ts';
import type { EvaluationInput } from './evaluation-input.ts';

/**
 * Builds the verdict to store from the verdict that a policy returned. For an existing key the notice period is
 * applied; the notice period of an announced revision begins when the revision takes effect. For a key that is being
 * issued, the stops of a revision in effect apply without notice, because no later stop was promised.
 */
export function bindingVerdictOf(
  { bindingId, revision, hash, counts, noticeMs, effectiveAt }: Revision,
  raw: RawVerdict,
  { promise, previous }: EvaluationInput,
  now: Date,
): BindingVerdict {
  const verdict = readVerdict(raw, bindingId);
  const ownPrevious = previous.find((stored) => stored.bindingId === bindingId && stored.counts);
  const promiseThen = hasCome(effectiveAt, now) ? promise : promiseFrom(promise, effectiveAt);
  const from = latest(now, effectiveAt);
  const effective =
    promiseThen === 'NEW' ? verdict : applyNotice(verdict, promiseThen, noticeMs, from, ownCapOf(ownPrevious));
  const made = { bindingId, revision, hash, at: now.getTime(), counts, noticeMs, raw, effective: stopsOf(effective) };
  rememberEffective(made, effective);
  return made;
}

/**
 * Returns the promise that an announced revision must respect when it takes effect at `from`. A promised stop before
 * `from` is set to `from`, so that it does not pull the revision's stops forward. A key that is being issued is treated
 * as promised to live without a stop.
 */
function promiseFrom(promise: EvaluationInput['promise'], from: Date): StopPromise {
  if (promise === 'NEW') return { stopsAt: null, basis: null, isHeld: false, postponedMs: 0 };
  const { stopsAt, isHeld } = promise;
  return isHeld || stopsAt === null ? promise : { ...promise, stopsAt: latest(stopsAt, from) };
}

/**
 * Returns the HARD cap of the binding's previous verdict on the key; null if that verdict has none. An earlier BY_USE
 * cap does not count, because it announced no HARD cap.
 */
function ownCapOf(verdict: BindingVerdict | undefined): Date | null {
  const at = verdict === undefined ? null : hardCapOf(verdict);
  return at === null ? null : new Date(at);
}

function stopsOf({ cap, hold, expire }: Verdict): EffectiveStops {
  return { cap: msOf(cap), hold: msOf(hold), expire: msOf(expire) };
}

function msOf(moment: Moment | null): number | null {
  return moment?.at.getTime() ?? null;
}

/**
 * Returns the verdict to use for a binding that cannot be evaluated: the verdict stored for this key; without one, the
 * last bounds that the policy returned for any key. Null: there are neither. A BY_USE stop that is already due is
 * postponed by the notice period, because a use might have moved it since (law 9).
 */
export function fallbackVerdictOf(
  { previous, promise }: EvaluationInput,
  { bindingId, revision, hash, counts, noticeMs, binding }: Revision,
  now: Date,
): BindingVerdict | null {
  const stored = previous.find((verdict) => verdict.bindingId === bindingId && verdict.counts);
  if (stored !== undefined && (promise === 'NEW' || !counts)) return { ...stored, counts };
  if (stored !== undefined && promise !== 'NEW') {
    // The stored stops include the postponement already.
    const notPostponed = { ...promise, postponedMs: 0 };
    const verdict = applyNotice(effectiveVerdict(stored), notPostponed, noticeMs, now, ownCapOf(stored));
    return { ...stored, counts, effective: stopsOf(postponeDueStops(verdict, promise.isHeld, now, noticeMs)) };
  }
  const raw = binding.lastBounds as unknown as RawVerdict | null;
  if (raw === null) return null;
  const effective = { cap: null, hold: null, expire: null };
  return { bindingId, revision, hash, at: 0, counts, noticeMs, raw, effective };
}

/**
 * Returns the stored verdict of a revision that is only shown; null: it has none on this key yet. It may have counted: a rollout
 * that halted has taken the revision back from the key.
 */
export function shownVerdictOf(
  { previous }: Pick<EvaluationInput, 'previous'>,
  { bindingId, revision }: Pick<Revision, 'bindingId' | 'revision'>,
): BindingVerdict | null {
  const known = previous.find((stored) => stored.bindingId === bindingId && stored.revision === revision);
  return known === undefined ? null : { ...known, counts: false };
}
