import { shiftOutOfFreezes, type Freeze } from './freeze.ts';
import { meet } from './meet.ts';
import type { Verdict } from './verdict.ts';

/** The realm's own rules, which apply besides its bindings. */
export interface RealmRules {
  /** The realm's bounds, as a verdict. */
  readonly bounds: Verdict;
  /** The realm's freezes, united (see `uniteFreezes`). */
  readonly freezes: readonly Freeze[];
  /** How far a freeze may shift a stop, at most. */
  readonly longestShiftMs: number;
}

/**
 * Returns the verdict of a realm on a key: the meet of its bindings' effective verdicts, shifted out of freezes. Every decision on
 * a key's stop goes through here. The order of the bindings does not matter.
 */
export function decideVerdict({ bounds, freezes, longestShiftMs }: RealmRules, verdicts: readonly Verdict[]): Verdict {
  return shiftOutOfFreezes(verdicts.reduce(meet, bounds), freezes, longestShiftMs);
}
