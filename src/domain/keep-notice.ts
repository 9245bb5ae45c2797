import { earliest, later, plus } from './key.ts';
import type { Verdict } from './verdict.ts';

/** What a key that is there may rely on. */
export interface Promised {
  /** Its next stop, as it is stored; null: none. */
  readonly stopsAt: Date | null;
  /** Whether policy holds it: then that stop has come already, and the next one is its end. */
  readonly isHeld: boolean;
}

/**
 * What a binding says, with notice kept: a stop that it brings nearer than the promised one comes no sooner than the notice
 * period from now (law 3). What it moves out moves at once.
 */
export function keepNotice(verdict: Verdict, promised: Promised, noticeMs: number, now: Date): Verdict {
  return noSooner(verdict, earliest(promised.stopsAt, plus(now, noticeMs)) ?? now, promised.isHeld);
}

/** What policy says, with the promised stop kept: nothing comes nearer, however far off it is. */
export function keepStop(verdict: Verdict, { stopsAt, isHeld }: Promised): Verdict {
  if (stopsAt !== null) return noSooner(verdict, stopsAt, isHeld);
  return { ...verdict, cap: null, hold: isHeld ? verdict.hold : null, expire: null };
}

function noSooner(verdict: Verdict, soonest: Date, isHeld: boolean): Verdict {
  const kept = <M extends { readonly at: Date }>(moment: M | null): M | null =>
    moment && { ...moment, at: later(moment.at, soonest) };
  const { cap, hold, expire } = verdict;
  return { ...verdict, cap: kept(cap), hold: isHeld ? hold : kept(hold), expire: kept(expire) };
}
