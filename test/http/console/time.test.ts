import { expect, test } from 'vitest';
import { relativeDay, relativeTime } from '../../../src/console/parts/time.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../../src/domain/duration.ts';

/** Local time, so that the test holds in every time zone. */
const now = new Date(2026, 10, 10, 14, 30);
const after = (ms: number) => relativeTime(new Date(now.getTime() + ms), now);

test('console time: an instant is as far away as people say it is, ahead and behind', () => {
  const expected: readonly (readonly [number, string])[] = [
    [0, 'just now'],
    [-59_000, 'just now'],
    [59_000, 'in less than a minute'],
    [MINUTE_MS, 'in 1 minute'],
    [-MINUTE_MS, '1 minute ago'],
    [10 * MINUTE_MS - 1, 'in 10 minutes'],
    [-10 * MINUTE_MS + 1, '10 minutes ago'],
    [59.4 * MINUTE_MS, 'in 59 minutes'],
    [59.6 * MINUTE_MS, 'in 1 hour'],
    [-1.4 * HOUR_MS, '1 hour ago'],
    [24 * HOUR_MS - 1, 'in 24 hours'],
    [47.4 * HOUR_MS, 'in 47 hours'],
    [48 * HOUR_MS - 1, 'in 2 days'],
    [48 * HOUR_MS, 'in 2 days'],
    [-3 * DAY_MS, '3 days ago'],
    [90 * DAY_MS - 1, 'in 90 days'],
    [90 * DAY_MS + 1, 'in 90 days'],
  ];
  // A change of the clocks in between moves the hour of the day, never the number of days.
  for (const [ms, text] of expected) expect(after(ms), String(ms)).toBe(text);
});

test('console time: days are those of the calendar, from its first minute to its last', () => {
  for (const [hour, minute] of [
    [0, 0],
    [0, 1],
    [12, 0],
    [23, 59],
  ] as const) {
    const later = new Date(2026, 10, 13, hour, minute);
    const earlier = new Date(2026, 10, 7, hour, minute);
    expect([relativeTime(later, now), relativeTime(earlier, now)]).toEqual(['in 3 days', '3 days ago']);
    expect(relativeDay(new Date(2026, 10, 10, hour, minute), now)).toBe('today');
  }
});

test('console time: the words go down, and up again, without a jump back', () => {
  const units: Readonly<Record<string, number>> = { minute: MINUTE_MS, hour: HOUR_MS, day: DAY_MS };
  const amount = (ms: number) => {
    const [, count = '0', unit = ''] = /(\d+) (minute|hour|day)/.exec(after(ms)) ?? [];
    return Number(count) * (units[unit] ?? 0);
  };
  for (let ms = 0; ms < 5 * DAY_MS; ms += 7 * MINUTE_MS) {
    expect(amount(ms), String(ms)).toBeLessThanOrEqual(amount(ms + 7 * MINUTE_MS));
    // Never a day wrong.
    expect(Math.abs(amount(ms) - ms), String(ms)).toBeLessThan(DAY_MS);
  }
});
