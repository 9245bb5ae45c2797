import { expect, test } from 'vitest';
import { GatewayClock } from '../../src/verifier/gateway-clock.ts';

function openClock() {
  const local = { monotonic: 0, wall: 1_000_000 };
  const clock = new GatewayClock({ monotonicMs: () => local.monotonic, wallMs: () => local.wall });
  /** Lets time pass, then a head arrive that was sent so long ago. The gateway's time is 5,000,000 ms ahead. */
  const hear = (afterMs: number, delayMs: number) => {
    local.monotonic += afterMs;
    local.wall += afterMs;
    return clock.hear(5_000_000 + local.monotonic - delayMs);
  };
  const behindMs = () => 5_000_000 + local.monotonic - (clock.nowMs() ?? Number.NaN);
  return { clock, local, hear, behindMs };
}

test('gateway clock: a lasting delay of heads sets the time back by no more than the drift of clocks', () => {
  const { hear, behindMs } = openClock();
  hear(1_000, 2);
  for (let second = 0; second < 600; second += 1) hear(1_000, 3_000);
  expect(behindMs()).toBeGreaterThanOrEqual(2);
  expect(behindMs()).toBeLessThanOrEqual(2 + 600 * 0.5 + 1e-6);
  // A head with less delay counts at once, and the time never goes backwards.
  hear(1_000, 1);
  expect(behindMs()).toBe(1);
  hear(1_000, 500);
  expect(behindMs()).toBeCloseTo(1.5, 6);
});

test('gateway clock: after a suspension the time is unknown until a new connection tells it', () => {
  const { clock, local, hear, behindMs } = openClock();
  hear(1_000, 2);
  local.wall += 60_000; // the monotonic clock stood still
  expect([clock.nowMs(), hear(1_000, 2)]).toEqual([null, false]);
  clock.reset();
  expect([clock.nowMs(), hear(1_000, 30)]).toEqual([null, true]);
  expect(behindMs()).toBeLessThanOrEqual(30);
});

test('gateway clock: a head that waited while the machine was suspended hides no suspension, however soon before it the time was read', () => {
  const { clock, local, hear } = openClock();
  hear(1_000, 2);
  clock.nowMs();
  local.wall += 60_000; // the monotonic clock stood still
  expect(hear(0, 2)).toBe(false);
  expect(clock.nowMs()).toBeNull();
});
