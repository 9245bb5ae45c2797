import * as fc from 'fast-check';
import { Temporal } from 'temporal-polyfill';
import { describe, expect, it } from 'vitest';
import {
  DAY_MS,
  DURATION_MAX_MS,
  HOUR_MS,
  MINUTE_MS,
  SECOND_MS,
  WEEK_MS,
  YEAR_MS,
  describeDuration,
  formatDuration,
  parseDuration,
} from '../../src/domain/duration.ts';
import { setMachineZone, zones } from './time-zones.ts';

const duration = fc.integer({ min: 0, max: DURATION_MAX_MS });
const count = (max: number) => fc.option(fc.integer({ min: 0, max }));

/** Texts of the grammar, in all its combinations, with the milliseconds that they say. */
const written = fc
  .record({
    days: count(30_000),
    hours: count(9_999),
    minutes: count(99_999),
    seconds: count(999_999),
    fraction: fc.option(fc.stringMatching(/^\d{1,3}$/)),
  })
  .map(({ days, hours, minutes, seconds, fraction }) => {
    const fractional = seconds === null || fraction === null ? '' : `.${fraction}`;
    const time = [hours, minutes, seconds].some((part) => part !== null);
    return [
      'P',
      days === null ? '' : `${days}D`,
      time ? 'T' : '',
      hours === null ? '' : `${hours}H`,
      minutes === null ? '' : `${minutes}M`,
      seconds === null ? '' : `${seconds}${fractional}S`,
    ].join('');
  })
  .filter((text) => text !== 'P');

describe.each(zones)('durations on a machine in %s', (...zone) => {
  setMachineZone(zone);

  it.each([
    ['P90D', 90 * DAY_MS],
    ['P2W', 2 * WEEK_MS],
    ['P0W', 0],
    ['PT15M', 15 * MINUTE_MS],
    ['P1DT12H', 36 * HOUR_MS],
    ['P1DT1S', DAY_MS + SECOND_MS],
    ['PT36H', 36 * HOUR_MS],
    ['PT0.5S', 500],
    ['PT1.25S', 1250],
    ['PT0.001S', 1],
    ['PT0S', 0],
    ['P0D', 0],
    ['P007D', WEEK_MS],
    ['P36500D', DURATION_MAX_MS],
    ['PT3153600000S', DURATION_MAX_MS],
  ])('reads %s', (text, ms) => {
    expect(parseDuration(text)).toEqual({ ms });
  });

  it('writes its canonical form, and reads it back as the same', () => {
    fc.assert(
      fc.property(duration, (ms) => {
        const text = formatDuration(ms);
        expect(text).toMatch(/^P(?!$)(\d+D)?(T(?!$)(\d+H)?(\d+M)?(\d+(\.\d{1,3})?S)?)?$/);
        expect(parseDuration(text)).toEqual({ ms });
      }),
      { numRuns: 500 },
    );
  });

  it('agrees with Temporal from 1970 to 2100, in UTC', () => {
    const year2100 = Date.UTC(2100, 0, 1);
    fc.assert(
      fc.property(fc.integer({ min: 0, max: year2100 }), written, (start, text) => {
        const parsed = parseDuration(text);
        const at = Temporal.Instant.fromEpochMilliseconds(start).toZonedDateTimeISO('UTC');
        const later = at.add(Temporal.Duration.from(text));
        expect(parsed).toEqual({ ms: later.epochMilliseconds - start });
        const canonical = 'ms' in parsed ? formatDuration(parsed.ms) : '';
        expect(at.add(Temporal.Duration.from(canonical)).equals(later)).toBe(true);
      }),
      { numRuns: 500 },
    );
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 5214 }), (weeks) => {
        const parsed = Temporal.Duration.from(`P${weeks}W`).total({ unit: 'milliseconds', relativeTo: '1970-01-01' });
        expect(parseDuration(`P${weeks}W`)).toEqual({ ms: parsed });
      }),
    );
  });
});

describe('parseDuration', () => {
  const other = 'expected weeks, or days and time, such as P90D, P2W, PT15M or P1DT12H';
  const alone = 'weeks cannot be combined with other units; write days instead, P14D for P2W';
  const fraction = 'only seconds may have a fraction, of up to three digits after a full stop, such as PT0.5S';
  const sign = 'a duration has no sign; expected PT0S or more';
  const upper = `letters must be upper case; ${other}`;
  const calendar = 'months and years differ in length; write days, for example';

  it.each([
    ['P1Y', `P1Y: ${calendar} P365D`],
    ['P6M', `P6M: ${calendar} P180D`],
    ['P1Y6M', `P1Y6M: ${calendar} P545D`],
    ['P1Y2DT3H', `P1Y2DT3H: ${calendar} P365D`],
    [`P${'9'.repeat(400)}Y`, `P${'9'.repeat(39)}…: ${calendar} P36500D`],
    ['', `"": ${other}`],
    ['P', `P: ${other}`],
    ['PT', `PT: ${other}`],
    ['P1DT', `P1DT: ${other}`],
    ['90D', `90D: ${other}`],
    ['90 days', `"90 days": ${upper}`],
    ['p90d', `p90d: ${upper}`],
    ['PT1H30m', `PT1H30m: ${upper}`],
    ['-P1D', `-P1D: ${sign}`],
    ['+P1D', `+P1D: ${sign}`],
    ['P-1D', `P-1D: ${sign}`],
    ['PT-1S', `PT-1S: ${sign}`],
    ['P2W1D', `P2W1D: ${alone}`],
    ['P1D2W', `P1D2W: ${alone}`],
    ['P2WT1H', `P2WT1H: ${alone}`],
    ['P0.5D', `P0.5D: ${fraction}`],
    ['PT1.5H', `PT1.5H: ${fraction}`],
    ['PT0.0005S', `PT0.0005S: ${fraction}`],
    ['PT0,5S', `PT0,5S: ${fraction}`],
    ['PT.5S', `PT.5S: ${fraction}`],
    ['PT1H2H', `PT1H2H: ${other}`],
    ['PT1S2M', `PT1S2M: ${other}`],
    ['P1H', `P1H: ${other}`],
    ['PT1D', `PT1D: ${other}`],
    ['P1D ', `"P1D ": ${other}`],
    ['P1D\n', `"P1D\\n": ${other}`],
    ['P١D', `"P١D": ${other}`],
    ['P1e3D', `P1e3D: ${upper}`],
    ['P36501D', 'P36501D: found more than 100 years; at most P36500D is accepted'],
    ['P36500DT0.001S', 'P36500DT0.001S: found more than 100 years; at most P36500D is accepted'],
    [`P${'9'.repeat(30)}W`, `P${'9'.repeat(30)}W: found more than 100 years; at most P36500D is accepted`],
    [`P${'9'.repeat(400)}D`, `P${'9'.repeat(39)}…: found more than 100 years; at most P36500D is accepted`],
  ])('refuses %j, saying what is wrong', (text, problem) => {
    expect(parseDuration(text)).toEqual({ problem });
  });

  it('gives whole milliseconds within bounds, or a problem, for any text', () => {
    const near = fc.array(fc.constantFrom(...'PT0123456789WDHMSY.-'), { maxLength: 12 }).map((signs) => signs.join(''));
    fc.assert(
      fc.property(fc.oneof(near, fc.string({ unit: 'binary' })), (text) => {
        const found = parseDuration(text);
        if ('problem' in found) return;
        expect(Number.isSafeInteger(found.ms) && found.ms >= 0 && found.ms <= DURATION_MAX_MS).toBe(true);
        expect(Temporal.Duration.from(text).total({ unit: 'milliseconds', relativeTo: '1970-01-01' })).toBe(found.ms);
      }),
      { numRuns: 5_000 },
    );
  });
});

describe('formatDuration', () => {
  it.each([
    [0, 'PT0S'],
    [1, 'PT0.001S'],
    [1500, 'PT1.5S'],
    [MINUTE_MS - 1, 'PT59.999S'],
    [15 * MINUTE_MS, 'PT15M'],
    [26 * HOUR_MS, 'P1DT2H'],
    [2 * WEEK_MS, 'P14D'],
    [YEAR_MS, 'P365D'],
    [DAY_MS + 1, 'P1DT0.001S'],
    [Number.MAX_SAFE_INTEGER, 'P104249991DT8H59M0.991S'],
  ])('writes %d ms as %s', (ms, text) => {
    expect(formatDuration(ms)).toBe(text);
  });

  it.each([-1, 0.5, NaN, Infinity, 2 ** 53])('refuses %d', (ms) => {
    expect(() => formatDuration(ms)).toThrow(RangeError);
    expect(() => describeDuration(ms)).toThrow(RangeError);
  });
});

describe('describeDuration', () => {
  it.each([
    [0, '0 seconds'],
    [1, '1 millisecond'],
    [250, '250 milliseconds'],
    [1999, '1 second'],
    [15 * MINUTE_MS, '15 minutes'],
    [90 * MINUTE_MS, '1 hour 30 minutes'],
    [90 * DAY_MS, '90 days'],
    [YEAR_MS, '365 days'],
    [DAY_MS + 5 * MINUTE_MS, '1 day 5 minutes'],
    [DAY_MS + HOUR_MS + MINUTE_MS + SECOND_MS, '1 day 1 hour'],
    [DAY_MS + 999, '1 day'],
  ])('says %d ms as %j', (ms, said) => {
    expect(describeDuration(ms)).toBe(said);
  });
});
