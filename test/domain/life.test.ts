import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { DAY_MS } from '../../src/domain/duration.ts';
import { addMs } from '../../src/domain/key.ts';
import {
  chooseAtIssue,
  chooseAtRenewal,
  decideStop,
  type ExpiryRequest,
  type ChosenExpiry,
} from '../../src/domain/life.ts';
import type { RequestBounds, Stop, Verdict } from '../../src/domain/verdict.ts';

const now = new Date('2026-11-23T12:00:00.000Z');
const bounds: RequestBounds = { shortestMs: DAY_MS, longestMs: 365 * DAY_MS, defaultMs: null };
const at = (days: number) => addMs(now, days * DAY_MS);
const nothing: ChosenExpiry = { chosenExpiresAt: null, lifetimeMs: null };

test('issue: without a request a key gets no expiry, or the default of policy', () => {
  expect(chooseAtIssue(null, bounds, now)).toEqual(nothing);
  expect(chooseAtIssue(null, { ...bounds, defaultMs: 90 * DAY_MS }, now)).toEqual({
    chosenExpiresAt: at(90),
    lifetimeMs: 90 * DAY_MS,
  });
});

test('issue: both bounds are included; a millisecond beyond is refused with the bounds', () => {
  for (const ms of [bounds.shortestMs, bounds.longestMs]) {
    expect(chooseAtIssue({ lifetimeMs: ms }, bounds, now)).toEqual({ chosenExpiresAt: addMs(now, ms), lifetimeMs: ms });
    expect(chooseAtIssue({ expiresAt: addMs(now, ms) }, bounds, now)).toMatchObject({ lifetimeMs: ms });
  }
  for (const ms of [bounds.shortestMs - 1, bounds.longestMs + 1]) {
    const requested = addMs(now, ms);
    expect(chooseAtIssue({ lifetimeMs: ms }, bounds, now)).toEqual({ requested, earliest: at(1), latest: at(365) });
  }
});

const days = fc.integer({ min: 0, max: 400 * 24 }).map((hours) => hours / 24);
const ask: fc.Arbitrary<ExpiryRequest> = fc.oneof(
  fc.constant(null),
  days.map((count) => ({ lifetimeMs: count * DAY_MS })),
  days.map((count) => ({ expiresAt: at(count) })),
);
const old: fc.Arbitrary<ChosenExpiry> = fc.oneof(
  fc.constant(nothing),
  fc
    .record({ left: fc.integer({ min: -20, max: 365 }), given: fc.integer({ min: 1, max: 365 }) })
    .map(({ left, given }) => ({ chosenExpiresAt: at(left), lifetimeMs: given * DAY_MS })),
);

test('renewal: only lengthens, never past what policy allows, and never makes a temporary key permanent', () => {
  fc.assert(
    fc.property(ask, old, (asked, before) => {
      const after = chooseAtRenewal(asked, before, bounds, now);
      if ('requested' in after) {
        expect(asked).not.toBeNull();
        expect(after.requested < after.earliest || after.requested > after.latest).toBe(true);
        return;
      }
      expect(after.chosenExpiresAt === null).toBe(before.chosenExpiresAt === null);
      if (after.chosenExpiresAt === null || before.chosenExpiresAt === null) return;
      expect(after.chosenExpiresAt >= before.chosenExpiresAt).toBe(true);
      expect(after.chosenExpiresAt <= at(365) || after === before).toBe(true);
    }),
  );
});

test('renewal: without a request it gives the last lifetime again, as far as policy allows', () => {
  const before = { chosenExpiresAt: at(10), lifetimeMs: 90 * DAY_MS };
  expect(chooseAtRenewal(null, before, bounds, now)).toEqual({ chosenExpiresAt: at(90), lifetimeMs: 90 * DAY_MS });
  const tighter = { ...bounds, longestMs: 30 * DAY_MS };
  expect(chooseAtRenewal(null, before, tighter, now)).toEqual({ chosenExpiresAt: at(30), lifetimeMs: 30 * DAY_MS });
});

const reason = { code: 'X', sentence: 'A reason.', by: 'x' };
const stop: fc.Arbitrary<Stop | null> = fc.option(
  fc.record({
    at: days.map(at),
    basis: fc.constantFrom('HARD' as const, 'BY_USE' as const),
    reason: fc.constant(reason),
  }),
);
const moment = fc.option(days.map(at));

test('decideStop: the expiry is the earliest of choice and cap, the stop the earliest of that and dormancy', () => {
  fc.assert(
    fc.property(moment, stop, moment, moment, (chosen, cap, holdAt, expireAt) => {
      const verdict = {
        cap,
        hold: holdAt && { at: holdAt, reason },
        expire: expireAt && { at: expireAt, reason },
      } as unknown as Verdict;
      const { expiresAt, expiryBasis, stopsAt, stopsBasis } = decideStop(chosen, verdict);
      const first = (...moments: (Date | null | undefined)[]) =>
        Math.min(...moments.map((one) => one?.getTime() ?? Infinity));
      expect(expiresAt?.getTime() ?? Infinity).toBe(first(chosen, cap?.at));
      expect(stopsAt?.getTime() ?? Infinity).toBe(first(chosen, cap?.at, holdAt, expireAt));
      expect(expiryBasis === null).toBe(expiresAt === null);
      // Of what time alone decides at a moment, it is never said that a use would move it.
      const hard = first(chosen, cap?.basis === 'HARD' ? cap.at : null);
      if (expiresAt !== null) expect(expiryBasis).toBe(expiresAt.getTime() === hard ? 'HARD' : 'BY_USE');
      if (stopsAt !== null) expect(stopsBasis).toBe(stopsAt.getTime() === hard ? 'HARD' : 'BY_USE');
    }),
  );
});
