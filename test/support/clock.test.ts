import { expect, test } from 'vitest';
import { ManualClock } from './clock.ts';

test('manual clock: timers run in order, at their own instant, including timers that they schedule', () => {
  const clock = new ManualClock(new Date(0));
  const ran: [string, number][] = [];
  const note = (name: string) => () => void ran.push([name, clock.now().getTime()]);
  clock.after(300, note('c'));
  clock.after(100, () => {
    note('a')();
    clock.after(100, note('b'));
  });
  clock.after(300, note('d'));
  clock.after(150, note('cancelled'))();
  clock.after(1_000, note('later'));
  clock.advance(500);
  expect(ran).toEqual([
    ['a', 100],
    ['b', 200],
    ['c', 300],
    ['d', 300],
  ]);
  clock.travelTo(new Date(1_000));
  expect(ran.at(-1)).toEqual(['later', 1_000]);
});

test('manual clock: it stands still by itself and never goes back', () => {
  const clock = new ManualClock();
  const start = clock.now();
  clock.advance(0);
  expect(clock.now()).toEqual(start);
  expect(() => clock.advance(-1)).toThrow(RangeError);
  expect(() => clock.travelTo(new Date(Number.NaN))).toThrow(RangeError);
});
