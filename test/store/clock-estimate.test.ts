import { array, assert, double, property, record, tuple } from 'fast-check';
import { expect, test } from 'vitest';
import { estimateOffset, refineEstimate, uncertaintyAt } from '../../src/store/clock-estimate.ts';

const NOON = Date.parse('2026-11-23T12:00:00.000Z');

test('clock estimate: assumes the reading half way, with half the round trip as the error', () => {
  const estimate = estimateOffset({ sentAt: 1_000, receivedAt: 1_040, databaseAt: NOON });
  expect(estimate).toEqual({ offsetMs: NOON - 1_020, errorMs: 20, measuredAt: 1_020 });
});

test('clock estimate: uncertainty grows by a millisecond a second after the measurement', () => {
  const estimate = estimateOffset({ sentAt: 1_000, receivedAt: 1_040, databaseAt: NOON });
  expect(uncertaintyAt(estimate, 1_020)).toBe(20);
  expect(uncertaintyAt(estimate, 11_020)).toBe(30);
  expect(uncertaintyAt(estimate, 0)).toBe(20);
});

test('clock estimate: a slow response does not replace a better estimate', () => {
  const known = estimateOffset({ sentAt: 0, receivedAt: 2, databaseAt: NOON });
  const slow = { sentAt: 10_000, receivedAt: 14_000, databaseAt: NOON + 10_100 };
  expect(refineEstimate(known, slow)).toEqual({ estimate: known, hasJumped: false });
});

test('clock estimate: a fast response replaces an estimate that has grown uncertain', () => {
  const known = estimateOffset({ sentAt: 0, receivedAt: 2, databaseAt: NOON });
  const quick = { sentAt: 10_000, receivedAt: 10_002, databaseAt: NOON + 10_003 };
  expect(refineEstimate(known, quick)).toEqual({ estimate: estimateOffset(quick), hasJumped: false });
});

test('clock estimate: a jump is accepted at once, even from a slow response', () => {
  const known = estimateOffset({ sentAt: 0, receivedAt: 2, databaseAt: NOON });
  for (const jumpMs of [3_600_000, -3_600_000]) {
    const after = { sentAt: 10_000, receivedAt: 12_000, databaseAt: NOON + 11_000 + jumpMs };
    expect(refineEstimate(known, after)).toEqual({ estimate: estimateOffset(after), hasJumped: true });
  }
});

test('clock estimate: the true time is always within the uncertainty, and no false jump is detected', () => {
  const step = record({
    pauseMs: double({ min: 0, max: 60_000, noNaN: true }),
    thereMs: double({ min: 0.05, max: 5_000, noNaN: true }),
    backMs: double({ min: 0.05, max: 5_000, noNaN: true }),
  });
  // The database's clock runs off evenly, by up to 900 of the 1,000 ppm that are allowed for, and started an hour off.
  const history = tuple(double({ min: -9e-4, max: 9e-4, noNaN: true }), array(step, { minLength: 1 }));
  assert(
    property(history, ([drift, steps]) => {
      const databaseAt = (at: number) => NOON + 3_600_000 + at * (1 + drift);
      let at = 0;
      let known = estimateOffset({ sentAt: 0, receivedAt: 0, databaseAt: databaseAt(0) });
      for (const { pauseMs, thereMs, backMs } of steps) {
        const sentAt = at + pauseMs;
        const reading = { sentAt, receivedAt: sentAt + thereMs + backMs, databaseAt: databaseAt(sentAt + thereMs) };
        const { estimate, hasJumped } = refineEstimate(known, reading);
        at = reading.receivedAt;
        known = estimate;
        expect(hasJumped).toBe(false);
        expect(Math.abs(at + known.offsetMs - databaseAt(at))).toBeLessThanOrEqual(
          uncertaintyAt(known, at) * 1.01 + 0.01,
        );
      }
    }),
  );
});
