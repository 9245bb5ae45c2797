import { addMs } from './key.ts';
import type { Moment, Verdict } from './verdict.ts';

/** A time in which no key should stop by itself. Half open: `to` is no longer part of it. */
export interface Freeze {
  readonly from: Date;
  readonly to: Date;
}

/** Returns the freezes in order, with those that overlap or touch merged. A freeze that ends before it begins is dropped. */
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
 * Returns the end of the freeze that contains the moment, if that is at most `longestShiftMs` later; else the moment itself. The
 * freezes must be united (see `uniteFreezes`).
 */
export function shiftMoment(moment: Date, freezes: readonly Freeze[], longestShiftMs: number): Date {
  const freeze = freezes.find(({ from, to }) => from <= moment && moment < to);
  return freeze === undefined || freeze.to > addMs(moment, longestShiftMs) ? moment : freeze.to;
}

/**
 * Shifts a verdict's cap, hold and expiry out of freezes. A warning stays, because it stops nothing; so does the expiry that a
 * person chose, which is not part of the verdict.
 */
export function shiftOutOfFreezes(verdict: Verdict, freezes: readonly Freeze[], longestShiftMs: number): Verdict {
  if (freezes.length === 0) return verdict;
  const shift = <M extends Moment>(moment: M | null): M | null =>
    moment && { ...moment, at: shiftMoment(moment.at, freezes, longestShiftMs) };
  return { ...verdict, cap: shift(verdict.cap), hold: shift(verdict.hold), expire: shift(verdict.expire) };
}
