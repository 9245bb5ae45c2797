import { shiftOutOfFreezes, type Freeze } from './freeze.ts';
import { meet } from './meet.ts';
import type { Verdict } from './verdict.ts';

/** What of a realm decides beside its bindings. */
export interface RealmRules {
  /** What the realm's own bounds say. */
  readonly bounds: Verdict;
  /** Its calendar, united. */
  readonly freezes: readonly Freeze[];
  readonly longestShiftMs: number;
}

/**
 * The one decision of what policy says of a key: the meet of what bindings say, each with notice kept, moved out of
 * freezes. In any order of bindings it is the same.
 */
export function decideVerdict({ bounds, freezes, longestShiftMs }: RealmRules, kept: readonly Verdict[]): Verdict {
  return shiftOutOfFreezes(kept.reduce(meet, bounds), freezes, longestShiftMs);
}
