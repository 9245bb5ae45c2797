import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../src/domain/duration.ts';
import { addMs } from '../../src/domain/key.ts';
import { adviseRenewal, type RenewableKey } from '../../src/domain/renewal-advice.ts';
import type { Verdict, RenewalWindow } from '../../src/domain/verdict.ts';
import { freshVerdict } from '../support/fresh-verdict.ts';
import { seededDraw } from '../support/seeded-random.ts';

const start = new Date('2026-11-23T12:00:00.000Z');
const at = (days: number) => addMs(start, days * DAY_MS);

function key(lifeDays: number | null, more: Partial<RenewableKey> = {}): RenewableKey {
  const chosenExpiresAt = lifeDays === null ? null : at(lifeDays);
  return {
    id: 'key_1',
    grantedAt: start,
    activeAt: start,
    chosenExpiresAt,
    expiresAt: chosenExpiresAt,
    expiryBasis: lifeDays === null ? null : 'HARD',
    expiredAt: null,
    revokedAt: null,
    isHeld: false,
    ...more,
  };
}

const verdictOf = (one: RenewableKey, now: Date): Verdict => freshVerdict(one, now);
const infoOf = (one: RenewableKey, now = start) => adviseRenewal(one, verdictOf(one, now), now);
const withWindow = (one: RenewableKey, window: RenewalWindow | null): Verdict => {
  const verdict = verdictOf(one, start);
  return { ...verdict, renewal: { ...verdict.renewal, window } };
};

test('renewal advice: the window is the last third of the life without its last tenth', () => {
  expect(infoOf(key(90)).window).toEqual({ opensAt: at(60), closesAt: at(81) });
});

test('renewal advice: without a chosen expiry, the life is the time for which the key may be unused', () => {
  const window = infoOf(key(null)).window;
  expect(window?.closesAt).toEqual(at(328.5));
  const used = key(null, { activeAt: at(3000) });
  expect(infoOf(used, at(3000)).window?.closesAt).toEqual(at(3328.5));
});

test('renewal advice: a key always gets the same moment, and moments are spread over keys', () => {
  const one = key(90);
  const moments = [0, 30, 70, 89].map((day) => infoOf(one, at(day)).suggestedAt?.getTime());
  expect(new Set(moments)).toHaveLength(1);
  const spread = Array.from({ length: 500 }, (_, index) => infoOf(key(90, { id: `key_${index}` })).suggestedAt!);
  expect(spread.every((moment) => moment >= at(60) && moment <= at(81))).toBe(true);
  for (let day = 60; day < 81; day += 3) {
    const count = spread.filter((moment) => moment >= at(day) && moment < at(day + 3)).length;
    expect(count).toBeGreaterThan(500 / 7 / 2);
    expect(count).toBeLessThan((500 / 7) * 2);
  }
});

test('renewal advice: 10,000 machines that wake on the hour renew spread out: no minute has three times the mean', () => {
  const window = { opensAt: at(60), closesAt: addMs(at(60), 6 * HOUR_MS) };
  const draw = seededDraw(48);
  const renewedInMinute = new Map<number, number>();
  for (let index = 0; index < 10_000; index += 1) {
    const one = key(90, { id: `key_${index}` });
    const suggestedAt = adviseRenewal(one, withWindow(one, window), start).suggestedAt!.getTime();
    // The first run that finds it due: every hour, and then up to fifty minutes at random, as the guide says.
    const wakesAt = Math.ceil(suggestedAt / HOUR_MS) * HOUR_MS + draw.below(50 * MINUTE_MS);
    const minute = Math.floor(wakesAt / MINUTE_MS);
    renewedInMinute.set(minute, (renewedInMinute.get(minute) ?? 0) + 1);
  }
  const counts = [...renewedInMinute.values()];
  const mean = 10_000 / ((6 * HOUR_MS) / MINUTE_MS);
  expect(counts.reduce((sum, count) => sum + count)).toBe(10_000);
  expect(Math.max(...counts)).toBeLessThanOrEqual(3 * mean);
  expect(readFileSync(new URL('../../docs/guides/renew.md', import.meta.url), 'utf8')).toContain('--jitter PT50M');
});

test('renewal advice: a window ends at least a tenth of the life before the stop; an emptied one is open now', () => {
  const late = withWindow(key(90), { opensAt: at(70), closesAt: at(90) });
  expect(adviseRenewal(key(90), late, start).window).toEqual({ opensAt: at(70), closesAt: at(81) });
  const empty = withWindow(key(90), { opensAt: at(85), closesAt: at(90) });
  const info = adviseRenewal(key(90), empty, start);
  expect(info.window).toEqual({ opensAt: start, closesAt: at(81) });
  expect(adviseRenewal(key(90), withWindow(key(90), null), start)).toMatchObject({ window: null, suggestedAt: null });
});

test('renewal advice: an emptied window opens now, not in the past, and spreads keys from there', () => {
  const now = at(50);
  const moments = Array.from({ length: 100 }, (_, index) => {
    const one = key(90, { id: `key_${index}` });
    return adviseRenewal(one, withWindow(one, { opensAt: at(85), closesAt: at(90) }), now).suggestedAt!;
  });
  expect(moments.every((moment) => moment >= now && moment <= at(81))).toBe(true);
  expect(moments.filter((moment) => moment < at(65)).length).toBeGreaterThan(25);
});

test('renewal advice: the moment picked in an emptied window stays until the key is renewed or the moment is too late', () => {
  const cut = (more: Partial<RenewableKey>, day: number) => {
    const one = key(90, more);
    return adviseRenewal(one, withWindow(one, { opensAt: at(85), closesAt: at(90) }), at(day));
  };
  for (const day of [20, 40, 60, 88]) {
    const info = cut({ renewalDueAt: at(40) }, day);
    expect(info.suggestedAt).toEqual(at(40));
    expect(info.window).toEqual({ opensAt: at(Math.min(day, 40)), closesAt: at(81) });
  }
  expect(cut({ renewalDueAt: at(40), renewedAt: at(40) }, 40).suggestedAt?.getTime()).toBeGreaterThan(at(40).getTime());
  expect(cut({ renewalDueAt: at(82) }, 60).suggestedAt?.getTime()).toBeLessThanOrEqual(at(81).getTime());
  // Too late for any window: it is due.
  expect(cut({}, 85)).toMatchObject({ suggestedAt: at(81), window: { opensAt: at(81), closesAt: at(81) } });
});

test('renewal advice: the reason describes the combined window and mode', () => {
  const own = { opensAt: at(240), closesAt: at(330) };
  const sentence = (window: RenewalWindow, mode: 'EXTEND' | 'ROTATE', one = key(90)) => {
    const { renewal, ...verdict } = withWindow(one, window);
    const advice = { window: renewal.window, mode: 'EXTEND' as const };
    return adviseRenewal(one, { ...verdict, renewal: { ...renewal, mode } }, at(50), advice).reason;
  };
  expect(sentence(own, 'EXTEND')).toBe(
    'Best renewed from 2027-01-12 to 2027-02-12, ahead of its stop; the secret stays.',
  );
  expect(sentence({ opensAt: at(60), closesAt: at(80) }, 'EXTEND')).toBe(
    verdictOf(key(90), start).renewal.reason.sentence,
  );
  expect(sentence({ opensAt: at(60), closesAt: at(80) }, 'ROTATE')).toContain('a renewal replaces the secret');
});

test('renewal advice: the longest renewal does not exceed a HARD cap', () => {
  const one = key(null);
  const verdict = verdictOf(one, start);
  const reason = { code: 'LIFE', sentence: 'It is as old as a key may get.', by: 'life' };
  const capped = (basis: 'HARD' | 'BY_USE') => ({ ...verdict, cap: { at: at(30), basis, reason } });
  expect(adviseRenewal(one, capped('HARD'), at(10)).longestMs).toBe(30 * DAY_MS);
  expect(adviseRenewal({ ...one, renewedAt: at(10) }, capped('HARD'), at(10)).longestMs).toBe(20 * DAY_MS);
  expect(adviseRenewal(one, capped('BY_USE'), at(10)).longestMs).toBe(365 * DAY_MS);
});

test('renewal advice: an early renewal is allowed; a program can renew only a working key', () => {
  expect(infoOf(key(90))).toMatchObject({ isAllowed: true, mode: 'EXTEND', longestMs: 365 * DAY_MS });
  for (const more of [{ isHeld: true }, { revokedAt: start }, { expiredAt: start }]) {
    const ended = key(90, more);
    expect(infoOf(ended)).toMatchObject({ isAllowed: false, window: null, suggestedAt: null });
  }
});

test('renewal advice: retry at the picked moment, between 15 minutes and a day from now', () => {
  const one = key(90);
  const due = infoOf(one).suggestedAt!;
  expect(infoOf(one).retryAfterMs).toBe(DAY_MS);
  expect(infoOf(one, addMs(due, -5 * HOUR_MS)).retryAfterMs).toBe(5 * HOUR_MS);
  expect(infoOf(one, addMs(due, HOUR_MS)).retryAfterMs).toBe(15 * MINUTE_MS);
});
