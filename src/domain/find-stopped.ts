import { DAY_MS, WEEK_MS } from './duration.ts';

/** An activity in the recorded history of a key. Moments are in ms since 1970. */
export interface Activity {
  /** From this moment on the activity counts: for a day of use, the end of the day. */
  readonly at: number;
  /** The key works in the activity if it stops after this moment: the beginning of the day. */
  readonly from: number;
  /** The day of use since 1970; null: the activity is not a use, but for example a renewal. */
  readonly day: number | null;
}

/** What a draft decides about a key after an activity. */
export interface DraftStop {
  /** When the key stops if no activity follows; null: never. */
  readonly stopsAt: number | null;
}

/** Requests the draft's stop after an activity. `before` is its answer on an earlier one; null: this is the first. */
export interface DraftQuestion<Stop extends DraftStop> {
  readonly activity: number;
  readonly before: Stop | null;
}

/**
 * Finds the first of a key's activities at which a draft would have stopped the key, and returns its place; null: there is none.
 * Activities are in order; the first is the one from which the draft counts. Yields what to ask the draft, and expects its answer.
 *
 * A stop is taken to move only later while a key is active, but for its first use. So the draft is asked again only about the last
 * activity before its stop, as long as its stops come later; once a stop comes earlier, it is asked about each activity. With `isByRhythm` the draft is
 * asked about each activity before a pause of more than two days, and at least once a week of use: for modules that read how a key
 * is used, so that more use may shorten the time to the stop.
 */
export function* findStopped<Stop extends DraftStop>(
  activities: readonly Activity[],
  isByRhythm: boolean,
): Generator<DraftQuestion<Stop>, number | null, Stop> {
  let asked = 0;
  let isEach = false;
  const firstUse = activities.findIndex(({ day }) => day !== null);
  const stepFrom = (place: number) => {
    if (isEach) return place + 1;
    if (isByRhythm) return nextPause(activities, place);
    return place < firstUse ? firstUse : activities.length;
  };
  let answer = yield { activity: 0, before: null };
  for (;;) {
    const stopped = firstAfterStop(activities, asked + 1, answer.stopsAt);
    if (stopped === asked + 1 && stopped < activities.length) return stopped;
    const next = Math.min(stepFrom(asked), stopped - 1);
    // No activity follows that the answer could concern.
    if (next >= activities.length - 1) return null;
    const then = yield { activity: next, before: answer };
    if (!isEach && !isByRhythm && next > asked + 1 && isEarlier(then, answer)) {
      isEach = true;
      continue;
    }
    asked = next;
    answer = then;
  }
}

/** Returns the place of the first activity, from a place on, that begins after a stop; the number of activities: none does. */
function firstAfterStop(activities: readonly Activity[], start: number, stopsAt: number | null): number {
  if (stopsAt === null) return activities.length;
  let [low, high] = [start, activities.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (stopsAt <= (activities[middle]?.from ?? Infinity)) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** Returns the place of the next activity to ask about by the rhythm of a key. */
function nextPause(activities: readonly Activity[], asked: number): number {
  const askedAt = activities[asked]?.at ?? 0;
  for (let place = asked + 1; place < activities.length - 1; place += 1) {
    const [{ at, day }, next] = [activities[place] as Activity, activities[place + 1] as Activity];
    if (day === null || next.from - at > 2 * DAY_MS || at - askedAt >= WEEK_MS) return place;
  }
  return activities.length - 1;
}

function isEarlier(stop: DraftStop, other: DraftStop): boolean {
  return (stop.stopsAt ?? Infinity) < (other.stopsAt ?? Infinity);
}
