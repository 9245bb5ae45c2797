import * as fc from 'fast-check';
import { Temporal } from 'temporal-polyfill';
import { describe, expect, it } from 'vitest';
import { formatInstant, parseInstant } from '../../src/domain/instant.ts';
import { setMachineZone, zones } from './time-zones.ts';

const lastMs = Date.UTC(9999, 11, 31, 23, 59, 59, 999);
const instant = fc.integer({ min: 0, max: lastMs }).map((ms) => new Date(ms));
const part = (max: number) => fc.integer({ min: 0, max });
const two = (value: number) => String(value).padStart(2, '0');

describe.each(zones)('instants on a machine in %s', (...zone) => {
  setMachineZone(zone);

  it.each([
    ['2027-01-31T12:00:00Z', '2027-01-31T12:00:00.000Z'],
    ['2027-01-31t12:00:00z', '2027-01-31T12:00:00.000Z'],
    ['1970-01-01T00:00:00Z', '1970-01-01T00:00:00.000Z'],
    ['1969-12-31T19:00:00-05:00', '1970-01-01T00:00:00.000Z'],
    ['9999-12-31T23:59:59.999Z', '9999-12-31T23:59:59.999Z'],
    ['2028-02-29T00:00:00Z', '2028-02-29T00:00:00.000Z'],
    ['2000-02-29T23:59:59Z', '2000-02-29T23:59:59.000Z'],
    ['2026-03-29T02:30:00+01:00', '2026-03-29T01:30:00.000Z'],
    ['2026-03-08T02:30:00-05:00', '2026-03-08T07:30:00.000Z'],
    ['2026-10-25T02:30:00+02:00', '2026-10-25T00:30:00.000Z'],
    ['2011-12-30T12:00:00+14:00', '2011-12-29T22:00:00.000Z'],
    ['2026-01-01T00:00:00+05:45', '2025-12-31T18:15:00.000Z'],
    ['2026-01-01T00:00:00-00:00', '2026-01-01T00:00:00.000Z'],
    ['2026-01-01T00:00:00+23:59', '2025-12-31T00:01:00.000Z'],
    ['2026-01-01T00:00:00.1Z', '2026-01-01T00:00:00.100Z'],
    ['2026-01-01T00:00:00.12Z', '2026-01-01T00:00:00.120Z'],
    ['2026-01-01T00:00:00.123456789Z', '2026-01-01T00:00:00.123Z'],
    ['2026-12-31T23:59:59.9999Z', '2026-12-31T23:59:59.999Z'],
  ])('reads %s as %s', (text, utc) => {
    const found = parseInstant(text);
    expect('at' in found && formatInstant(found.at)).toBe(utc);
  });

  it('writes UTC to the millisecond, and reads it back as the same', () => {
    fc.assert(
      fc.property(instant, (at) => {
        const text = formatInstant(at);
        expect(text).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
        expect(text).toBe(at.toISOString());
        expect(parseInstant(text)).toEqual({ at });
      }),
      { numRuns: 500 },
    );
  });

  it('agrees with Temporal on which dates and times there are, and when they are', () => {
    const year = fc.oneof(fc.integer({ min: 1968, max: 2101 }), part(9999));
    fc.assert(
      fc.property(year, part(13), part(32), part(24), part(60), part(59), part(999), part(24), part(60), (...parts) => {
        const [y, month, day, hour, minute, second, ms, offsetHour, offsetMinute] = parts;
        const date = `${String(y).padStart(4, '0')}-${two(month)}-${two(day)}`;
        const time = `${two(hour)}:${two(minute)}:${two(second)}.${String(ms).padStart(3, '0')}`;
        const text = `${date}T${time}${ms % 2 === 0 ? '+' : '-'}${two(offsetHour)}:${two(offsetMinute)}`;
        let expected: number | null = null;
        try {
          expected = Temporal.Instant.from(text).epochMilliseconds;
        } catch {
          // not an instant
        }
        if (expected !== null && (expected < 0 || expected > lastMs)) expected = null;
        const found = parseInstant(text);
        expect('at' in found ? found.at.getTime() : null).toBe(expected);
      }),
      { numRuns: 2_000 },
    );
  });

  it('keeps every hour around a change of summer time', () => {
    for (const start of [Date.UTC(2026, 2, 7), Date.UTC(2026, 3, 4), Date.UTC(2026, 9, 3), Date.UTC(2026, 9, 31)]) {
      for (let quarter = 0; quarter < 4 * 72; quarter++) {
        const at = new Date(start + quarter * 15 * 60_000);
        expect(parseInstant(formatInstant(at))).toEqual({ at });
      }
    }
  });
});

describe('parseInstant', () => {
  const shape = 'expected an RFC 3339 timestamp with an offset, such as 2027-01-31T12:00:00Z';
  const day = 'the calendar has no such day';
  const time = 'a day has no such time; 23:59:59 is the last';
  const years = 'expected a year from 1970 to 9999 in UTC';

  it.each([
    ['2026-02-29T00:00:00Z', day],
    ['2100-02-29T00:00:00Z', day],
    ['2026-04-31T00:00:00Z', day],
    ['2026-00-10T00:00:00Z', day],
    ['2026-13-10T00:00:00Z', day],
    ['2026-01-00T00:00:00Z', day],
    ['2026-01-32T00:00:00Z', day],
    ['2026-01-01T24:00:00Z', time],
    ['2026-01-01T00:60:00Z', time],
    ['2026-01-01T00:00:61Z', time],
    ['2016-12-31T23:59:60Z', 'leap seconds are not accepted; write the second before or after'],
    ['2026-01-01T00:00:00+24:00', 'the offset is too large; at most 23:59 is accepted'],
    ['2026-01-01T00:00:00-01:60', 'the offset is too large; at most 23:59 is accepted'],
    ['1969-12-31T23:59:59.999Z', years],
    ['1970-01-01T00:59:59+01:00', years],
    ['9999-12-31T23:59:59-00:01', years],
    ['0070-01-01T00:00:00Z', years],
    ['0000-02-29T00:00:00Z', years],
    ['', shape],
    ['2026-01-01', shape],
    ['2026-01-01T00:00:00', shape],
    ['2026-01-01T00:00Z', shape],
    ['2026-01-01 00:00:00Z', shape],
    ['2026-01-01T00:00:00 Z', shape],
    ['2026-01-01T00:00:00+0100', shape],
    ['2026-01-01T00:00:00+01', shape],
    ['2026-01-01T00:00:00\u221201:00', shape],
    ['2026-01-01T00:00:00.Z', shape],
    ['2026-01-01T00:00:00,5Z', shape],
    ['+002026-01-01T00:00:00Z', shape],
    ['12026-01-01T00:00:00Z', shape],
    ['2026-1-1T00:00:00Z', shape],
    ['20260101T000000Z', shape],
    ['2026-W01-1T00:00:00Z', shape],
    ['2026-01-01T00:00:00Z\n', shape],
    [' 2026-01-01T00:00:00Z', shape],
    ['٢٠٢٦-01-01T00:00:00Z', shape],
    ['1767225600000', shape],
    ['now', shape],
  ])('refuses %j, saying what is wrong', (text, problem) => {
    const found = parseInstant(text);
    expect('problem' in found && found.problem.endsWith(`: ${problem}`)).toBe(true);
  });

  it('repeats what was found, cut and escaped', () => {
    expect(parseInstant('2026-02-29T00:00:00Z')).toEqual({
      problem: '2026-02-29T00:00:00Z: the calendar has no such day',
    });
    expect(parseInstant('"'.repeat(1_000))).toEqual({ problem: `"${'\\"'.repeat(40)}"…: ${shape}` });
  });

  it('never throws, and accepts nothing that Temporal does not', () => {
    const near = fc.array(fc.constantFrom(...'0123456789-:TZ+.'), { minLength: 18, maxLength: 26 });
    fc.assert(
      fc.property(
        fc.oneof(
          near.map((signs) => signs.join('')),
          fc.string({ unit: 'binary' }),
        ),
        (text) => {
          const found = parseInstant(text);
          if ('at' in found) expect(Temporal.Instant.from(text).epochMilliseconds).toBe(found.at.getTime());
        },
      ),
    );
  });
});

describe('formatInstant', () => {
  it.each([new Date(NaN), new Date(-1), new Date(lastMs + 1)])('refuses %s', (at) => {
    expect(() => formatInstant(at)).toThrow(RangeError);
  });
});
