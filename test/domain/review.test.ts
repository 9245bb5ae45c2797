import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../../src/domain/duration.ts';
import { addMs } from '../../src/domain/key.ts';
import { decideStop } from '../../src/domain/life.ts';
import { nextReviewAt } from '../../src/domain/next-review.ts';
import { noticeThresholdsMs } from '../../src/domain/notice.ts';
import { recordTimedChanges, review, type Review, type ReviewedKey } from '../../src/domain/review.ts';
import type { Verdict } from '../../src/domain/verdict.ts';
import { freshVerdict } from '../support/fresh-verdict.ts';

const start = new Date('2026-11-23T12:00:00.000Z');
const at = (days: number) => addMs(start, days * DAY_MS);
const verdictOf = (key: ReviewedKey): Verdict => freshVerdict(key, start);

function issued(more: Partial<ReviewedKey> = {}): ReviewedKey {
  const key: ReviewedKey = {
    grantedAt: start,
    activeAt: start,
    chosenExpiresAt: null,
    expiresAt: null,
    expiryBasis: null,
    expiredAt: null,
    revokedAt: null,
    isHeld: false,
    heldBy: null,
    isHeldByPerson: false,
    stopsAt: null,
    stopsBasis: null,
    standing: 'ACTIVE',
    reviewAt: null,
    rotation: null,
    noticesGiven: new Set(),
    ...more,
  };
  const verdict = verdictOf(key);
  return { ...key, ...decideStop(key.chosenExpiresAt, verdict), reviewAt: nextReviewAt(key, verdict, start), ...more };
}

/** The key as its row is after a review. */
function after(key: ReviewedKey, { row, rotation, hold, notice }: Review): ReviewedKey {
  const heldBy = hold === 'UNCHANGED' ? key.heldBy : (hold?.by ?? null);
  const hasMoved = row.stopsAt?.getTime() !== key.stopsAt?.getTime();
  const given = [...(hasMoved ? [] : key.noticesGiven), ...(notice === null ? [] : [notice.thresholdMs])];
  const moved = key.rotation && rotation && { ...key.rotation, retiresAt: rotation.retiresAt, wasExtended: true };
  return {
    ...key,
    ...row,
    heldBy,
    isHeld: heldBy !== null || key.isHeldByPerson,
    noticesGiven: new Set(given),
    rotation: rotation === null ? key.rotation : rotation.isOver ? null : moved,
  };
}

const time = (maxDays: number) =>
  fc.integer({ min: 0, max: maxDays * 24 * 60 }).map((minutes) => addMs(start, minutes * MINUTE_MS));
const rotation = fc
  .record({ retiresAt: time(60), graceMs: fc.constantFrom(HOUR_MS, DAY_MS, 30 * DAY_MS), movedAt: fc.constant(null) })
  .map((one) => ({ generation: 1, wasExtended: false, ...one }));
const anyKey: fc.Arbitrary<ReviewedKey> = fc
  .record({
    lifeDays: fc.option(fc.integer({ min: 1, max: 365 })),
    activeAt: time(300),
    rotation: fc.option(rotation),
    isHeldByPerson: fc.boolean(),
  })
  .map(({ lifeDays, ...more }) => issued({ ...more, chosenExpiresAt: lifeDays === null ? null : at(lifeDays) }));

test('review: a second review at the same moment records nothing, and the next review is in the future', () => {
  fc.assert(
    fc.property(anyKey, time(900), (key, now) => {
      const first = review(key, verdictOf(key), now);
      const again = review(after(key, first), verdictOf(key), now);
      expect(again.events).toEqual([]);
      expect(again.row).toEqual(first.row);
      expect(first.row.reviewAt === null || first.row.reviewAt > now).toBe(true);
    }),
    { numRuns: 1000 },
  );
});

test('review: before its next review comes due, nothing is missed', () => {
  const moments = fc.tuple(time(900), fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }));
  fc.assert(
    fc.property(anyKey, moments, (key, [now, share]) => {
      const reviewed = after(key, review(key, verdictOf(key), now));
      const end = reviewed.reviewAt ?? at(5000);
      const between = addMs(now, Math.floor(share * (end.getTime() - now.getTime())));
      for (const moment of [between, addMs(end, -1)]) {
        const { events, row } = review(reviewed, verdictOf(key), moment);
        expect(events).toEqual([]);
        expect(row).toEqual({ ...row, expiredAt: reviewed.expiredAt, standing: reviewed.standing });
      }
    }),
    { numRuns: 1000 },
  );
});

test('review: each due review records something, and every key comes to an end', () => {
  fc.assert(
    fc.property(anyKey, (key) => {
      let current = key;
      let steps = 0;
      while (current.reviewAt !== null) {
        const result = review(current, verdictOf(current), current.reviewAt);
        current = after(current, result);
        expect((steps += 1)).toBeLessThan(30);
      }
      expect(current.expiredAt).not.toBeNull();
      expect(current.rotation).toBeNull();
    }),
    { numRuns: 300 },
  );
});

test('review: a late review records HARD changes at their own moment, and once', () => {
  fc.assert(
    fc.property(anyKey, fc.array(time(900), { minLength: 1, maxLength: 6 }), (key, moments) => {
      const end = at(1000);
      const recorded = (visits: readonly Date[]) => {
        let current = key;
        const events = [];
        for (const moment of visits) {
          const result = review(current, verdictOf(current), moment);
          events.push(
            ...result.events.filter(({ data }) => 'basis' in data && data.basis === 'HARD' && !('threshold' in data)),
          );
          current = after(current, result);
        }
        return events.filter(({ type }) => type === 'KEY_EXPIRED').map(({ at: moment }) => moment.getTime());
      };
      const visits = [...moments.sort((a, b) => a.getTime() - b.getTime()), end];
      const isHard = key.expiryBasis === 'HARD' && addMs(key.activeAt, 395 * DAY_MS) > key.expiresAt!;
      expect(recorded(visits)).toEqual(isHard ? [key.expiresAt!.getTime()] : recorded([end]));
    }),
    { numRuns: 500 },
  );
});

test('review: its events are in the order in which they became true, none of them later than now', () => {
  fc.assert(
    fc.property(anyKey, time(900), (key, now) => {
      const moments = review(key, verdictOf(key), now).events.map((event) => event.at.getTime());
      expect(moments).toEqual(moments.toSorted((a, b) => a - b));
      expect(Math.max(...moments, 0)).toBeLessThanOrEqual(now.getTime());
    }),
    { numRuns: 1000 },
  );
});

test('review: HARD changes are recorded without knowledge of use; the rest stays due', () => {
  fc.assert(
    fc.property(anyKey, time(900), (key, now) => {
      const full = review(key, verdictOf(key), now);
      const part = recordTimedChanges(key, verdictOf(key), now);
      expect(part.hold).toBe('UNCHANGED');
      expect(part.row.standing).toBe(key.standing);
      expect(part.events.every(({ by }) => by === null)).toBe(true);
      const left = full.events.length - part.events.length;
      if (left > 0) expect(part.row.reviewAt).toEqual(now);
      const rest = review(after(key, part), verdictOf(key), now);
      expect(part.events.length + rest.events.length).toBe(full.events.length);
      expect(rest.row).toEqual(full.row);
    }),
    { numRuns: 1000 },
  );
});

test('review: a BY_USE stop is decided 30 s after its moment, when all use before it is written', () => {
  const key = issued();
  for (const [days, standing, next] of [
    [365, 'WARNED', 'HELD'],
    [395, 'HELD', 'EXPIRED'],
  ] as const) {
    const settles = standing === 'WARNED' ? 0 : 30 * SECOND_MS;
    expect(review(key, verdictOf(key), addMs(at(days), settles - 1)).row.standing).not.toBe(standing);
    expect(review(key, verdictOf(key), addMs(at(days), settles)).row.standing).toBe(standing);
    expect(review(key, verdictOf(key), addMs(at(days + 30), 30 * SECOND_MS)).row.standing).toBe(next);
  }
});

test('review: a BY_USE cap ends a key like dormancy does, with its own reason', () => {
  const key = issued({ chosenExpiresAt: at(300) });
  const verdict = verdictOf(key);
  const reason = { code: 'ACTIVE_NEVER_EXPIRES', sentence: 'A key lives 100 days after its last use.', by: 'cap' };
  const capped: Verdict = { ...verdict, cap: { at: at(100), basis: 'BY_USE', reason } };
  const settled = { ...key, ...decideStop(key.chosenExpiresAt, capped) };
  const noticed = new Set(noticeThresholdsMs);
  expect(nextReviewAt(settled, capped, at(99.5), noticed)).toEqual(addMs(at(100), 30 * SECOND_MS));
  expect(review(settled, capped, at(100)).row.expiredAt).toBeNull();
  const ended = review(settled, capped, addMs(at(100), 30 * SECOND_MS));
  expect(ended.events.at(-1)).toMatchObject({ type: 'KEY_EXPIRED', by: 'cap', data: { code: reason.code } });
  expect(ended.row).toMatchObject({ expiryBasis: 'BY_USE', reviewAt: null });
});

test('review: a stalled rotation is extended once, and never past a HARD expiry or cap', () => {
  const pending = { generation: 1, retiresAt: at(10), graceMs: 10 * DAY_MS, wasExtended: false, movedAt: null };
  const key = issued({ rotation: pending });
  const verdict = verdictOf(key);
  const capped: Verdict = {
    ...verdict,
    cap: { at: at(12), basis: 'HARD', reason: { code: 'CAP', sentence: 'A cap.', by: 'cap' } },
  };
  const now = addMs(at(10), -MINUTE_MS);
  expect(review(key, verdict, now).rotation).toEqual({ retiresAt: at(17), isOver: false });
  const settled = { ...key, ...decideStop(null, capped) };
  expect(review(settled, capped, now).rotation).toEqual({ retiresAt: at(12), isOver: false });
  const extended = issued({ rotation: { ...pending, retiresAt: at(17), wasExtended: true } });
  expect(review(extended, verdict, addMs(at(17), -1)).rotation).toBeNull();
  expect(review(extended, verdict, at(17)).rotation).toEqual({ retiresAt: at(17), isOver: true });
});
