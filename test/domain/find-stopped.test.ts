import { expect, test } from 'vitest';
import { DAY_MS } from '../../src/domain/duration.ts';
import { findStopped, type Activity, type DraftStop } from '../../src/domain/find-stopped.ts';
import { seededDraw } from '../support/seeded-random.ts';

const use = (day: number): Activity => ({ at: (day + 1) * DAY_MS - 1, from: day * DAY_MS, day });
const renewal = (day: number): Activity => ({ at: day * DAY_MS + 1_000, from: day * DAY_MS, day: null });

/** What a draft says after an activity, given its stop after an earlier one. */
type Draft = (activities: readonly Activity[], place: number, before: number | null | undefined) => number | null;

const idle =
  (days: number): Draft =>
  (activities, place) =>
    (activities[place]?.at ?? 0) + days * DAY_MS;

/** A life that only renewals lengthen. */
const life =
  (days: number): Draft =>
  (activities, place) => {
    const renewed = activities.findLast(({ day }, index) => index <= place && day === null);
    return (renewed ?? activities[0])!.at + days * DAY_MS;
  };

/** The more a key was used, the shorter it may rest; shortened with 30 days of notice. */
const impatient: Draft = (activities, place, before) => {
  const at = activities[place]?.at ?? 0;
  const raw = at + Math.max(1, 60 - 20 * place) * DAY_MS;
  return before === undefined ? raw : Math.max(raw, Math.min(before ?? Infinity, at + 30 * DAY_MS));
};

function run(activities: readonly Activity[], draft: Draft, isByRhythm = false) {
  const steps = findStopped<DraftStop>(activities, isByRhythm);
  const asked: number[] = [];
  let step = steps.next();
  while (step.done !== true) {
    const { activity, before } = step.value;
    asked.push(activity);
    step = steps.next({ stopsAt: draft(activities, activity, before === null ? undefined : before.stopsAt) });
  }
  return { stopped: step.value, asked };
}

/** Day by day: asks after each activity whether the next one is met by a working key. */
function oracle(activities: readonly Activity[], draft: Draft): number | null {
  let stop: number | null | undefined;
  for (const [place, { from }] of activities.entries()) {
    if (stop !== undefined && stop !== null && stop <= from) return place;
    stop = draft(activities, place, stop);
  }
  return null;
}

test('find stopped: the first use after the stop is found, and the draft is asked only before its stops', () => {
  const daily = Array.from({ length: 90 }, (_, day) => use(day));
  expect(run(daily, idle(30))).toEqual({ stopped: null, asked: [0, 30, 60] });
  expect(run([use(0), use(10), use(40)], idle(30))).toEqual({ stopped: null, asked: [0, 1] });
  expect(run([use(0), use(10), use(41)], idle(30))).toEqual({ stopped: 2, asked: [0, 1] });
  expect(run([use(0)], idle(1))).toEqual({ stopped: null, asked: [0] });
  expect(run(daily, () => null)).toEqual({ stopped: null, asked: [0] });
});

test('find stopped: a renewal lengthens the life, and one after the stop does not', () => {
  const days = [use(0), use(20), renewal(29), use(50), use(58)];
  expect(run(days, life(30)).stopped).toBeNull();
  expect(run([use(0), use(20), renewal(40), use(50)], life(30)).stopped).toBe(2);
});

test('find stopped: agrees with a walk day by day over random histories', () => {
  const draw = seededDraw(49);
  let stoppedCount = 0;
  for (let round = 0; round < 3_000; round += 1) {
    const gaps = Array.from({ length: 1 + draw.below(30) }, () => draw.pick([1, 1, 1, 2, 7, 14, draw.below(60) + 1]));
    let day = draw.below(10);
    const activities = gaps.map((gap) => {
      day += gap;
      return draw.below(5) === 0 ? renewal(day) : use(day);
    });
    for (const draft of [idle(1 + draw.below(60)), life(5 + draw.below(90))]) {
      const expected = oracle(activities, draft);
      expect(run(activities, draft).stopped).toBe(expected);
      expect(run(activities, draft, true).stopped).toBe(expected);
      stoppedCount += expected === null ? 0 : 1;
    }
  }
  expect(stoppedCount).toBeGreaterThan(500);
});

test('find stopped: once a stop comes earlier after a use, each use is asked about', () => {
  const activities = [use(0), use(5), use(10), use(15), use(70), use(71)];
  const { stopped, asked } = run(activities, impatient);
  expect(stopped).toBe(oracle(activities, impatient));
  expect(stopped).toBe(4);
  expect(asked).toEqual([0, 3, 1, 2, 3]);
});

test('find stopped: the first use is asked about, because it may shorten the life of a key that was never used', () => {
  const unused: Draft = (activities, place) =>
    activities[place]!.at + (activities[place]!.day === null ? 300 : 20) * DAY_MS;
  const activities = [renewal(0), use(10), use(40), use(41)];
  expect(run(activities, unused)).toEqual({ stopped: 2, asked: [0, 1] });
});

test('find stopped: by rhythm, the uses before pauses are asked about, and one a week', () => {
  const activities = [...Array.from({ length: 15 }, (_, day) => use(day)), use(20), use(60)];
  const { asked } = run(activities, idle(50), true);
  expect(asked).toEqual([0, 7, 14, 15]);
  expect(run(activities, idle(5), true).stopped).toBe(15);
});
