import { keepNotice, putOff, type Promised } from '../domain/keep-notice.ts';
import { hasCome, later } from '../domain/key.ts';
import type { Moment, Verdict } from '../domain/verdict.ts';
import type { Revision } from './in-force.ts';
import { hardCapOf, type BindingVerdict } from './judgement.ts';
import { readVerdict, type Said } from './read-verdict.ts';
import { keptVerdict } from './recall.ts';
import type { Subject } from './subject.ts';

/**
 * Of a key that is being made nobody relies on a later stop; of all others notice is kept. What is announced stops nothing
 * before it is effective, and its notice is counted from then.
 */
export function entryOf(
  { bindingId, revision, hash, counts, noticeMs, effectiveAt }: Revision,
  said: Said,
  { promised, earlier }: Subject,
  now: Date,
): BindingVerdict {
  const verdict = readVerdict(said, bindingId);
  const own = earlier.find((entry) => entry.bindingId === bindingId && entry.counts);
  const relied = hasCome(effectiveAt, now) ? promised : promisedFrom(promised, effectiveAt);
  const from = later(now, effectiveAt);
  const kept = relied === 'NEW' ? verdict : keepNotice(verdict, relied, noticeMs, from, ownCapOf(own));
  return { bindingId, revision, hash, at: now.getTime(), counts, noticeMs, said, kept: stopsOf(kept) };
}

/** A stop that comes before anything else can is no reason for that to come as soon. */
function promisedFrom(promised: Subject['promised'], from: Date): Promised {
  if (promised === 'NEW') return { stopsAt: null, basis: null, isHeld: false, movedOutMs: 0 };
  const { stopsAt, isHeld } = promised;
  return isHeld || stopsAt === null ? promised : { ...promised, stopsAt: later(stopsAt, from) };
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
export function lastWord(
  { earlier, promised }: Subject,
  { bindingId, revision, hash, counts, noticeMs, binding }: Revision,
  now: Date,
): BindingVerdict | null {
  const entry = earlier.find((one) => one.bindingId === bindingId && one.counts);
  if (entry !== undefined && (promised === 'NEW' || !counts)) return { ...entry, counts };
  if (entry !== undefined && promised !== 'NEW') {
    // What was moved out of it has been already.
    const kept = keepNotice(keptVerdict(entry), { ...promised, movedOutMs: 0 }, noticeMs, now, ownCapOf(entry));
    return { ...entry, counts, kept: stopsOf(putOff(kept, promised.isHeld, now, noticeMs)) };
  }
  const said = binding.lastBounds as unknown as Said | null;
  if (said === null) return null;
  return { bindingId, revision, hash, at: 0, counts, noticeMs, said, kept: { cap: null, hold: null, expire: null } };
}
