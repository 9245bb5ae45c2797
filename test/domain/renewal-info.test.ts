import { expect, test } from 'vitest';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../src/domain/duration.ts';
import { plus } from '../../src/domain/key.ts';
import { renewalInfo, type RenewableKey } from '../../src/domain/renewal-info.ts';
import type { Verdict, Window } from '../../src/domain/verdict.ts';
import { freshVerdict } from '../support/fresh-verdict.ts';

const start = new Date('2026-11-23T12:00:00.000Z');
const at = (days: number) => plus(start, days * DAY_MS);

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
const infoOf = (one: RenewableKey, now = start) => renewalInfo(one, verdictOf(one, now), now);
const withWindow = (one: RenewableKey, window: Window | null): Verdict => {
  const verdict = verdictOf(one, start);
  return { ...verdict, renewal: { ...verdict.renewal, window } };
};

test('renewal information: the window is the last third of the life without its last tenth', () => {
  expect(infoOf(key(90)).window).toEqual({ opensAt: at(60), closesAt: at(81) });
});

test('renewal information: without a chosen expiry, the life is the time for which the key may be unused', () => {
  const window = infoOf(key(null)).window;
  expect(window?.closesAt).toEqual(at(328.5));
  const used = key(null, { activeAt: at(3000) });
  expect(infoOf(used, at(3000)).window?.closesAt).toEqual(at(3328.5));
});

test('renewal information: the moment is the same whenever and by whomever it is asked, and spread over keys', () => {
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

test('renewal information: a window ends at least a tenth of the life before the stop; an emptied one is open now', () => {
  const late = withWindow(key(90), { opensAt: at(70), closesAt: at(90) });
  expect(renewalInfo(key(90), late, start).window).toEqual({ opensAt: at(70), closesAt: at(81) });
  const empty = withWindow(key(90), { opensAt: at(85), closesAt: at(90) });
  const info = renewalInfo(key(90), empty, start);
  expect(info.window).toEqual({ opensAt: start, closesAt: at(81) });
  expect(renewalInfo(key(90), withWindow(key(90), null), start)).toMatchObject({ window: null, suggestedAt: null });
});

test('renewal information: being early is allowed; only a key that works is renewed by a program', () => {
  expect(infoOf(key(90))).toMatchObject({ isAllowed: true, mode: 'EXTEND', longestMs: 365 * DAY_MS });
  for (const more of [{ isHeld: true }, { revokedAt: start }, { expiredAt: start }]) {
    const ended = key(90, more);
    expect(infoOf(ended)).toMatchObject({ isAllowed: false, window: null, suggestedAt: null });
  }
});

test('renewal information: ask again at the moment, between a quarter of an hour and a day', () => {
  const one = key(90);
  const due = infoOf(one).suggestedAt!;
  expect(infoOf(one).retryAfterMs).toBe(DAY_MS);
  expect(infoOf(one, plus(due, -5 * HOUR_MS)).retryAfterMs).toBe(5 * HOUR_MS);
  expect(infoOf(one, plus(due, HOUR_MS)).retryAfterMs).toBe(15 * MINUTE_MS);
});
