import { MINUTE_MS } from './duration.ts';
import type { Freeze } from './freeze.ts';
import { addMs, toMs, type DateOrMs } from './key.ts';
import { dayOf } from './usage-day.ts';

/** The longest brownout, and how many begin on one day (UTC) at most. */
export const BROWNOUT_MAX_MS = 15 * MINUTE_MS;
export const BROWNOUTS_A_DAY = 2;

/** An announced time in which enrolled keys are refused, in ms since 1970. Half open: at `to` it is over. */
export interface BrownoutWindow {
  readonly from: number;
  readonly to: number;
}

/** A brownout as a key has it. */
export interface KeyBrownout extends BrownoutWindow {
  readonly rolloutId: string;
  /** The consumers that the key's owner listed: the refusal of any other one ends the brownout. */
  readonly consumers: readonly string[];
}

export const noBrownouts: readonly never[] = Object.freeze([]);

/** Returns the brownout in which a moment is; null: none. */
export function brownoutAt<Window extends BrownoutWindow>(windows: readonly Window[], now: DateOrMs): Window | null {
  const nowMs = toMs(now);
  return windows.find(({ from, to }) => from <= nowMs && nowMs < to) ?? null;
}

/** Returns the brownouts that begin at these moments, each of the longest time. */
export function toBrownoutWindows(starts: readonly Date[]): readonly BrownoutWindow[] {
  return starts.map((start) => ({ from: start.getTime(), to: addMs(start, BROWNOUT_MAX_MS).getTime() }));
}

/** Returns what is wrong with planned brownouts; null: nothing. */
export function brownoutProblem(windows: readonly BrownoutWindow[], freezes: readonly Freeze[]): string | null {
  for (const window of windows) {
    if (!(window.from < window.to && window.to - window.from <= BROWNOUT_MAX_MS))
      return 'found a brownout that is longer than 15 minutes, or ends before it begins; expected at most PT15M';
    if (isFrozen(window, freezes)) return `the brownout at ${describe(window)} is in a freeze of the realm`;
  }
  const [refused] = windows.filter((window) => !limitBrownouts(windows).includes(window));
  if (refused === undefined) return null;
  return `the brownout at ${describe(refused)} overlaps another, or is the third of its day (UTC); expected at most ${BROWNOUTS_A_DAY} a day`;
}

/** What decides which planned brownouts reach a key. */
export interface BrownoutAnnouncement {
  /** When the key was enrolled and the brownouts were announced on it. */
  readonly announcedAt: Date;
  readonly noticeMs: number;
  readonly freezes: readonly Freeze[];
}

/**
 * Returns the planned brownouts of a rollout that are announced on a key in time (rule 45): none before the notice period has passed
 * since then, and none in a freeze. Those that are over are among them: they count for the limit of a day.
 */
export function announcedBrownouts<Window extends BrownoutWindow>(
  planned: readonly Window[],
  { announcedAt, noticeMs, freezes }: BrownoutAnnouncement,
): readonly Window[] {
  const earliestMs = announcedAt.getTime() + noticeMs;
  return planned.filter(
    (window) =>
      window.from >= earliestMs &&
      window.from < window.to &&
      window.to - window.from <= BROWNOUT_MAX_MS &&
      !isFrozen(window, freezes),
  );
}

/** Returns the brownouts of a key, of all its rollouts, that are not over: at most two a day, and those that are over count. */
export function brownoutsLeft<Window extends BrownoutWindow>(
  announced: readonly Window[],
  now: Date,
): readonly Window[] {
  return limitBrownouts(announced).filter(({ to }) => to > now.getTime());
}

/** Returns brownouts in order, without those that overlap an earlier one or are the third of a day (UTC). */
function limitBrownouts<Window extends BrownoutWindow>(windows: readonly Window[]): readonly Window[] {
  const placed: Window[] = [];
  for (const window of windows.toSorted((one, other) => one.from - other.from)) {
    const ofDay = placed.filter(({ from }) => dayOf(from) === dayOf(window.from));
    if (ofDay.length < BROWNOUTS_A_DAY && placed.every(({ to }) => to <= window.from)) placed.push(window);
  }
  return placed;
}

function isFrozen(window: BrownoutWindow, freezes: readonly Freeze[]): boolean {
  return freezes.some(({ from, to }) => from.getTime() < window.to && window.from < to.getTime());
}

function describe({ from }: BrownoutWindow): string {
  return new Date(from).toISOString();
}
