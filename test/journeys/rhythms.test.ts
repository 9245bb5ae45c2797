import { describe, expect, test } from 'vitest';
import steadyCadence from '../../plugins/steady-cadence.ts';
import unusedExpires from '../../plugins/unused-expires.ts';
import { drawHistories } from './draw-rhythms.ts';
import { simulateRhythms, type Sureness, type Tally } from './simulate-rhythms.ts';

const isLong = process.env['KEYTIDE_TEST_LONG'] !== undefined;

/** How many keys live for 5 years, for each seed. */
const KEY_COUNT = isLong ? 2_000 : 500;
const SEEDS = isLong ? [1, 2, 3] : [1];

describe.each(SEEDS)(`rhythms: ${String(KEY_COUNT)} keys in 5 years, seed %i`, (seed) => {
  const histories = drawHistories(KEY_COUNT, seed);
  const under = {
    'fixed, 90 days': simulateRhythms(unusedExpires, { idle: 'P90D' }, histories),
    'fixed, 365 days': simulateRhythms(unusedExpires, { idle: 'P365D' }, histories),
    'fixed, 365 days, never used 90': simulateRhythms(unusedExpires, { idle: 'P365D', neverUsed: 'P90D' }, histories),
    'fixed, 540 days, never used 90': simulateRhythms(unusedExpires, { idle: 'P540D', neverUsed: 'P90D' }, histories),
    'steady-cadence': simulateRhythms(steadyCadence, {}, histories),
  };
  const { 'fixed, 365 days': fixed, 'fixed, 365 days, never used 90': strict, 'steady-cadence': steady } = under;

  test('rhythms: with limits that follow the rhythm, a key has stopped when it is needed at most half as often', () => {
    for (const [name, tally] of Object.entries(under))
      process.stdout.write(`seed ${String(seed)}, ${name}: ${describeTally(tally)}\n`);
    expect(sumOf(fixed.meetings)).toBeGreaterThan(KEY_COUNT / 50);
    expect(sumOf(steady.meetings)).toBeLessThanOrEqual(sumOf(fixed.meetings) / 2);
    expect(steady.needs).toBe(fixed.needs);
  });

  test('rhythms: abandoned keys do not live on longer than with a fixed limit of 365 days', () => {
    expect(sumOf(steady.idleDays)).toBeLessThanOrEqual(sumOf(fixed.idleDays));
    // Not only because keys that were never used end sooner.
    expect(sumOf(steady.idleDays)).toBeLessThanOrEqual(sumOf(strict.idleDays));
  });

  test('rhythms: an unsure rhythm costs no meeting; a short fixed limit costs more than the rhythm', () => {
    expect(steady.meetings.unsure).toBe(0);
    expect(steady.meetings.none).toBeLessThanOrEqual(fixed.meetings.none);
    expect(sumOf(under['fixed, 90 days'].meetings)).toBeGreaterThan(2 * sumOf(fixed.meetings));
  });
});

function sumOf(counts: Readonly<Record<Sureness, number>>): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}

function describeTally({ needs, meetings, idleDays }: Tally): string {
  const apart = (counts: Readonly<Record<Sureness, number>>) =>
    Object.entries(counts)
      .map(([sureness, count]) => `${sureness} ${String(count)}`)
      .join(', ');
  return (
    `${String(sumOf(meetings))} of ${String(needs)} needs met a stopped key (${apart(meetings)}); ` +
    `${String(sumOf(idleDays))} days of abandoned keys (${apart(idleDays)})`
  );
}
