import { earliest, hasCome, latest, addMs } from './key.ts';
import { postponeStops } from './postpone.ts';
import type { Stop, StopBasis, Verdict } from './verdict.ts';

/** What a key that is there may rely on. */
export interface StopPromise {
  /** Its next stop, as it is stored; null: none. */
  readonly stopsAt: Date | null;
  readonly basis: StopBasis | null;
  /** Whether policy holds it: then that stop has come already, and the next one is its end. */
  readonly isHeld: boolean;
  /** How far its stops by use are moved out, in ms, as no notice could be delivered; 0: they are not. */
  readonly postponedMs: number;
}

/**
 * What a binding says, with notice kept: a stop that it brings nearer than the promised one comes no sooner than the notice
 * period from now (law 3). What it moves out moves at once. A stop that a use would have moved is no promise for one that
 * nothing moves: such a cap comes at the notice, or when this binding has said so before (`ownCap`). Stops that were moved
 * out for want of notice stay so.
 */
export function applyNotice(
  verdict: Verdict,
  promised: StopPromise,
  noticeMs: number,
  now: Date,
  ownCap: Date | null = null,
): Verdict {
  const notice = addMs(now, noticeMs);
  const byStop = earliest(promised.stopsAt, notice) ?? notice;
  const byCap = promised.basis === 'BY_USE' ? (earliest(ownCap, notice) ?? notice) : byStop;
  return limitStops(postponeStops(verdict, promised.postponedMs), promised.isHeld, byStop, byCap);
}

/**
 * What a binding said last, when it cannot be asked: a stop by use that has come is not decided without it, and is put off
 * by the notice period. A hold that is in place stays.
 */
export function postponeDueStops(verdict: Verdict, isHeld: boolean, now: Date, noticeMs: number): Verdict {
  const moved = <M extends { readonly at: Date }>(moment: M | null): M | null =>
    moment !== null && hasCome(moment.at, now) ? { ...moment, at: addMs(now, noticeMs) } : moment;
  const { cap, hold, expire } = verdict;
  return {
    ...verdict,
    cap: cap?.basis === 'BY_USE' ? moved(cap) : cap,
    hold: isHeld ? hold : moved(hold),
    expire: moved(expire),
  };
}

/** What policy says, with the promised stop kept: nothing comes nearer, however far off it is. */
export function preserveStop(verdict: Verdict, { stopsAt, isHeld }: StopPromise): Verdict {
  if (stopsAt !== null) return limitStops(verdict, isHeld, stopsAt, stopsAt);
  return { ...verdict, cap: null, hold: isHeld ? verdict.hold : null, expire: null };
}

function limitStops(verdict: Verdict, isHeld: boolean, byStop: Date, byHardCap: Date): Verdict {
  const kept = <M extends { readonly at: Date }>(moment: M | null, soonest = byStop): M | null =>
    moment && { ...moment, at: latest(moment.at, soonest) };
  const { cap, hold, expire } = verdict;
  return { ...verdict, cap: keptCap(cap), hold: isHeld ? hold : kept(hold), expire: kept(expire) };

  function keptCap(stop: Stop | null): Stop | null {
    return kept(stop, stop?.basis === 'HARD' ? byHardCap : byStop);
  }
}
