import { expect, test } from 'vitest';
import { SentStops } from '../../src/graphql/event/sent-stops.ts';

const at = (hour: number) => new Date(Date.UTC(2027, 0, 1, hour));

test('sent stops: a stop of a key is new once, and again after another stop of the key', () => {
  const sent = new SentStops();
  const isNew = (hour: number | null) => sent.addIfNew({ id: 'a', stopsAt: hour === null ? null : at(hour) });
  expect([1, 1, 2, null, 2, 1].map(isNew)).toEqual([true, false, true, false, false, true]);
  expect(sent.addIfNew({ id: 'b', stopsAt: at(1) })).toBe(true);
});

test('sent stops: when there are too many, the oldest entry is dropped and counts as new again', () => {
  const sent = new SentStops(3);
  const add = (id: string, hour = 1) => sent.addIfNew({ id, stopsAt: at(hour) });
  expect(['a', 'b', 'c'].map((id) => add(id))).toEqual([true, true, true]);
  // A new stop moves the key to the end of the order.
  expect(add('a', 2)).toBe(true);
  expect(add('d')).toBe(true);
  expect([add('a', 2), add('c'), add('d')]).toEqual([false, false, false]);
  expect(add('b')).toBe(true);
});
