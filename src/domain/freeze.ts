import { addMs } from './key.ts';
import type { Moment, Verdict } from './verdict.ts';

/** A time in which nothing is to stop by itself. Half open: at `to` it is over. */
export interface Freeze {
  readonly from: Date;
  readonly to: Date;
}

/** The times of all freezes, in order, those that overlap or touch made one. What ends before it begins is none. */
export function uniteFreezes(freezes: readonly Freeze[]): readonly Freeze[] {
  const united: Freeze[] = [];
  const sorted = freezes.filter(({ from, to }) => from < to).toSorted((a, b) => a.from.getTime() - b.from.getTime());
  for (const freeze of sorted) {
    const last = united.at(-1);
    if (last === undefined || last.to < freeze.from) united.push(freeze);
    else if (last.to < freeze.to) united[united.length - 1] = { from: last.from, to: freeze.to };
  }
  return united;
}

/**
 * The first moment from one on that lies in no freeze, if it is no further off than the longest shift; else the moment
 * itself. The freezes are united.
 */
export function shiftMoment(moment: Date, freezes: readonly Freeze[], longestShiftMs: number): Date {
  const freeze = freezes.find(({ from, to }) => from <= moment && moment < to);
  return freeze === undefined || freeze.to > addMs(moment, longestShiftMs) ? moment : freeze.to;
}

/**
 * What policy says, moved out of freezes: its cap, and the moments at which it holds and expires. What a person chose is
 * not touched, nor is a warning, which stops nothing.
 */
export function shiftOutOfFreezes(verdict: Verdict, freezes: readonly Freeze[], longestShiftMs: number): Verdict {
  const out = <M extends Moment>(moment: M | null): M | null =>
    moment && { ...moment, at: shiftMoment(moment.at, freezes, longestShiftMs) };
  return { ...verdict, cap: out(verdict.cap), hold: out(verdict.hold), expire: out(verdict.expire) };
}
