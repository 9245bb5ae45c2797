import { expect, test } from 'vitest';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../src/domain/duration.ts';
import { addMs } from '../../src/domain/key.ts';
import {
  splitConsumers,
  findCurrentSecret,
  stallCheckAt,
  movesCountedFrom,
  findPendingRotation,
  retirementAt,
} from '../../src/domain/rotation.ts';

const now = new Date('2026-11-23T12:00:00.000Z');
const secret = (generation: number, retiresAt: Date | null) => ({
  id: `secret_${generation}`,
  generation,
  firstUsedAt: null,
  retiresAt,
});

test('rotation: it is pending until the very moment at which the old secret retires', () => {
  const secrets = [secret(1, addMs(now, -DAY_MS)), secret(2, addMs(now, HOUR_MS)), secret(3, null)];
  expect(findPendingRotation(secrets, now)).toMatchObject({ current: { generation: 3 }, retiring: { generation: 2 } });
  expect(findPendingRotation(secrets, addMs(now, HOUR_MS - 1))).not.toBeNull();
  expect(findPendingRotation(secrets, addMs(now, HOUR_MS))).toBeNull();
  expect(findCurrentSecret(secrets).generation).toBe(3);
  expect(() => findCurrentSecret([secret(1, now)])).toThrow('no current secret');
});

test('rotation: the old secret retires at the end of the grace, never after the key’s own hard end', () => {
  expect(retirementAt(now, DAY_MS, null)).toEqual(addMs(now, DAY_MS));
  expect(retirementAt(now, DAY_MS, addMs(now, HOUR_MS))).toEqual(addMs(now, HOUR_MS));
  expect(retirementAt(now, 0, null)).toEqual(now);
  expect(retirementAt(now, DAY_MS, addMs(now, -HOUR_MS))).toEqual(now);
});

test('rotation: it is checked for a stall an hour before its end, or at half of a short grace period', () => {
  expect(stallCheckAt(now, DAY_MS)).toEqual(addMs(now, -HOUR_MS));
  expect(stallCheckAt(now, HOUR_MS)).toEqual(addMs(now, -30 * MINUTE_MS));
  expect(stallCheckAt(now, 1)).toEqual(now);
});

test('rotation: a consumer has moved once it is seen on the new secret; use without a label never counts as moved', () => {
  const use = (consumer: string, daysAgo: number | null = 0) => ({
    consumer,
    lastUsedAt: daysAgo === null ? null : addMs(now, -daysAgo * DAY_MS),
  });
  const old = [use('ci'), use('laptop', 400), use('gone', 401), use('refused', null), use('', 401)];
  expect(splitConsumers(old, [use('ci'), use('laptop', null)], null, now)).toEqual({
    moved: ['ci'],
    notMoved: ['laptop'],
    hasUnlabelled: false,
  });
  expect(splitConsumers([use('')], [use('')], null, now)).toEqual({ moved: [], notMoved: [], hasUnlabelled: true });
});

test('rotation: a use of a secret before a swap made it current does not count as a move', () => {
  const use = (consumer: string, daysAgo: number) => ({ consumer, lastUsedAt: addMs(now, -daysAgo * DAY_MS) });
  const [older, newer] = [secret(1, null), secret(2, null)];
  expect(movesCountedFrom({ current: newer, retiring: older }, now)).toBeNull();
  const since = movesCountedFrom({ current: older, retiring: newer }, addMs(now, -DAY_MS));
  expect(since).toEqual(addMs(now, -DAY_MS));
  const onRetiring = [use('ci', 2), use('laptop', 2)];
  expect(splitConsumers(onRetiring, [use('ci', 1), use('laptop', 2)], since, now)).toEqual({
    moved: ['ci'],
    notMoved: ['laptop'],
    hasUnlabelled: false,
  });
});
