import { expect, test } from 'vitest';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../src/domain/duration.ts';
import { plus } from '../../src/domain/key.ts';
import {
  consumersOf,
  currentSecret,
  lookAt,
  movesCountFrom,
  pendingRotation,
  retirement,
} from '../../src/domain/rotation.ts';

const now = new Date('2026-11-23T12:00:00.000Z');
const secret = (generation: number, retiresAt: Date | null) => ({
  id: `secret_${generation}`,
  generation,
  firstUsedAt: null,
  retiresAt,
});

test('rotation: is pending until the very moment at which the old secret retires', () => {
  const secrets = [secret(1, plus(now, -DAY_MS)), secret(2, plus(now, HOUR_MS)), secret(3, null)];
  expect(pendingRotation(secrets, now)).toMatchObject({ current: { generation: 3 }, retiring: { generation: 2 } });
  expect(pendingRotation(secrets, plus(now, HOUR_MS - 1))).not.toBeNull();
  expect(pendingRotation(secrets, plus(now, HOUR_MS))).toBeNull();
  expect(currentSecret(secrets).generation).toBe(3);
  expect(() => currentSecret([secret(1, now)])).toThrow('no current secret');
});

test('rotation: the old secret retires at the end of the grace, never after the key’s own hard end', () => {
  expect(retirement(now, DAY_MS, null)).toEqual(plus(now, DAY_MS));
  expect(retirement(now, DAY_MS, plus(now, HOUR_MS))).toEqual(plus(now, HOUR_MS));
  expect(retirement(now, 0, null)).toEqual(now);
  expect(retirement(now, DAY_MS, plus(now, -HOUR_MS))).toEqual(now);
});

test('rotation: whether it is stalled is looked at an hour before its end, of a short one at its half', () => {
  expect(lookAt(now, DAY_MS)).toEqual(plus(now, -HOUR_MS));
  expect(lookAt(now, HOUR_MS)).toEqual(plus(now, -30 * MINUTE_MS));
  expect(lookAt(now, 1)).toEqual(now);
});

test('rotation: a consumer has moved when it was seen on the new secret; without a label none is known to have', () => {
  const use = (consumer: string, daysAgo: number | null = 0) => ({
    consumer,
    lastUsedAt: daysAgo === null ? null : plus(now, -daysAgo * DAY_MS),
  });
  const old = [use('ci'), use('laptop', 400), use('gone', 401), use('refused', null), use('', 401)];
  expect(consumersOf(old, [use('ci'), use('laptop', null)], null, now)).toEqual({
    moved: ['ci'],
    notMoved: ['laptop'],
    hasUnlabelled: false,
  });
  expect(consumersOf([use('')], [use('')], null, now)).toEqual({ moved: [], notMoved: [], hasUnlabelled: true });
});

test('rotation: who was on a secret before a swap made it the current one has not moved to it by that', () => {
  const use = (consumer: string, daysAgo: number) => ({ consumer, lastUsedAt: plus(now, -daysAgo * DAY_MS) });
  const [older, newer] = [secret(1, null), secret(2, null)];
  expect(movesCountFrom({ current: newer, retiring: older }, now)).toBeNull();
  const since = movesCountFrom({ current: older, retiring: newer }, plus(now, -DAY_MS));
  expect(since).toEqual(plus(now, -DAY_MS));
  const onRetiring = [use('ci', 2), use('laptop', 2)];
  expect(consumersOf(onRetiring, [use('ci', 1), use('laptop', 2)], since, now)).toEqual({
    moved: ['ci'],
    notMoved: ['laptop'],
    hasUnlabelled: false,
  });
});
