import { earliest, hasCome, latest, addMs } from './key.ts';
import { postponeStops } from './postpone.ts';
import type { Stop, StopBasis, Verdict } from './verdict.ts';

/** What an existing key may rely on. */
export interface StopPromise {
  /** The key's next stop, as its row stores it; null: none. */
  readonly stopsAt: Date | null;
  readonly basis: StopBasis | null;
  /** Whether policy holds the key. Then `stopsAt` is the moment of its end, because the hold has come already. */
  readonly isHeld: boolean;
  /** By how much the key's BY_USE stops are postponed because no notice could be delivered, in ms; 0: they are not postponed. */
  readonly postponedMs: number;
  /** Until then no policy stops the key, because it was imported with a ramp. Absent or null: there is no such moment. */
  readonly bindsAt?: Date | null;
}

/**
 * Applies the notice period to a binding's verdict (law 3): a stop comes no earlier than the promised stop, or than
 * `noticeMs` from now, whichever is first. A stop that is later than the promised one applies at once. A promised
 * BY_USE stop does not justify an equally early HARD cap: the cap comes no earlier than this binding's previous HARD
 * cap (`ownCap`), or than `noticeMs` from now, whichever is first. A postponement of the key's BY_USE stops
 * (`promise.postponedMs`) applies to the verdict too. No stop comes before the end of the key's ramp (`promise.bindsAt`).
 */
export function applyNotice(
  verdict: Verdict,
  promise: StopPromise,
  noticeMs: number,
  now: Date,
  ownCap: Date | null = null,
): Verdict {
  const notice = addMs(now, noticeMs);
  const byStop = earliest(promise.stopsAt, notice) ?? notice;
  const byCap = promise.basis === 'BY_USE' ? (earliest(ownCap, notice) ?? notice) : byStop;
  const ramped = (soonest: Date) => latest(soonest, promise.bindsAt ?? soonest);
  return limitStops(postponeStops(verdict, promise.postponedMs), promise.isHeld, ramped(byStop), ramped(byCap));
}

/**
 * Postpones the due BY_USE stops of a binding that cannot be evaluated, to `noticeMs` from now: such a stop is not decided on an
 * old verdict. A hold that is in place stays.
 */
export function postponeDueStops(verdict: Verdict, isHeld: boolean, now: Date, noticeMs: number): Verdict {
  const postpone = <M extends { readonly at: Date }>(moment: M | null): M | null =>
    moment !== null && hasCome(moment.at, now) ? { ...moment, at: addMs(now, noticeMs) } : moment;
  const { cap, hold, expire } = verdict;
  return {
    ...verdict,
    cap: cap?.basis === 'BY_USE' ? postpone(cap) : cap,
    hold: isHeld ? hold : postpone(hold),
    expire: postpone(expire),
  };
}

/**
 * Moves every stop that is earlier than the promised one to the promised one, so that nothing is shortened, not even
 * with notice. If no stop was promised, the verdict gets none. A hold that is in place stays.
 */
export function preserveStop(verdict: Verdict, { stopsAt, isHeld }: StopPromise): Verdict {
  if (stopsAt !== null) return limitStops(verdict, isHeld, stopsAt, stopsAt);
  return { ...verdict, cap: null, hold: isHeld ? verdict.hold : null, expire: null };
}

function limitStops(verdict: Verdict, isHeld: boolean, byStop: Date, byHardCap: Date): Verdict {
  const limit = <M extends { readonly at: Date }>(moment: M | null, soonest = byStop): M | null =>
    moment !== null && moment.at < soonest ? { ...moment, at: soonest } : moment;
  const { cap, hold, expire } = verdict;
  return { ...verdict, cap: limitCap(cap), hold: isHeld ? hold : limit(hold), expire: limit(expire) };

  function limitCap(stop: Stop | null): Stop | null {
    return limit(stop, stop?.basis === 'HARD' ? byHardCap : byStop);
  }
}
