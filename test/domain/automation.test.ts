import { expect, test } from 'vitest';
import { automationLateAt, lateBounds, latestDueBy } from '../../src/domain/automation.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../src/domain/duration.ts';
import { addMs } from '../../src/domain/key.ts';
import { seededDraw } from '../support/seeded-random.ts';

const DUE = new Date('2026-11-23T12:00:00Z');

const lateAfter = (leftMs: number | null) =>
  automationLateAt(DUE, leftMs === null ? null : addMs(DUE, leftMs)).getTime() - DUE.getTime();

test('automation: it is late a day after the moment picked for the renewal, or between halfway and two thirds of the way to the stop', () => {
  for (const left of [null, 2 * DAY_MS, 40 * DAY_MS]) expect(lateAfter(left)).toBe(DAY_MS);
  for (let left = 3 * MINUTE_MS; left < 2 * DAY_MS; left = Math.floor(left * 1.01)) {
    const share = lateAfter(left) / left;
    expect([left, share >= 0.5, share <= 0.667]).toEqual([left, true, true]);
  }
  expect([lateAfter(24 * HOUR_MS), lateAfter(30 * MINUTE_MS)]).toEqual([12 * HOUR_MS, 18.75 * MINUTE_MS]);
});

test('automation: a stop that comes nearer never makes it late later, and one that has passed makes it late within minutes', () => {
  for (let left = -DAY_MS; left < 3 * DAY_MS; left += 7 * MINUTE_MS) {
    expect([left, lateAfter(left) <= lateAfter(left + 7 * MINUTE_MS)]).toEqual([left, true]);
  }
  expect(lateAfter(-DAY_MS)).toBeLessThan(2 * MINUTE_MS);
});

test('automation: the bounds of a query and the moment agree, to the millisecond', () => {
  const draw = seededDraw(3);
  for (let round = 0; round < 20_000; round += 1) {
    const left = draw.below(draw.pick([5 * MINUTE_MS, HOUR_MS, DAY_MS, 5 * DAY_MS])) - MINUTE_MS;
    const stopsAt = draw.below(10) === 0 ? null : addMs(DUE, left);
    const lateAt = automationLateAt(DUE, stopsAt);
    for (const [now, isLate] of [
      [addMs(lateAt, -1), false],
      [lateAt, true],
      [addMs(lateAt, draw.below(DAY_MS)), true],
    ] as const) {
      const bounds = lateBounds(now);
      const found = bounds.some(
        ({ dueBy, stopsBy }) => DUE <= dueBy && (stopsBy === null || (stopsAt !== null && stopsAt <= stopsBy)),
      );
      expect([stopsAt, now, found]).toEqual([stopsAt, now, isLate]);
      expect(bounds.every(({ dueBy }) => dueBy <= latestDueBy(now))).toBe(true);
    }
  }
});
