import { expect, test } from 'vitest';
import { DAY_MS } from '../../src/domain/duration.ts';
import { confirmRotation } from '../../src/keys/confirm-rotation.ts';
import { revokeKey } from '../../src/keys/revoke.ts';
import { rotateKey } from '../../src/keys/rotate.ts';
import { undoRotation } from '../../src/keys/undo-rotation.ts';
import { failureOf, openKeyWorld, success, textOf } from '../support/key-world.ts';

test('confirm: the newest secret retires the old one at once; the old one may not', async () => {
  const world = await openKeyWorld();
  const { keyId, secret: old } = await world.issue();
  const next = textOf(success(await rotateKey(world, world.owner, { keyId })).delivery);
  await expect(confirmRotation(world, await world.callerOf(old), {})).rejects.toMatchObject({ code: 'FORBIDDEN' });
  expect(await world.probe(old)).toBe('VALID');
  success(await confirmRotation(world, await world.callerOf(next), {}));
  expect(await world.probe(old)).toBe('SECRET_RETIRED');
  expect(await world.probe(next)).toBe('VALID');
  await world.travel(2 * DAY_MS);
  const told = await world.events(keyId);
  expect(told.filter(({ type }) => type === 'KEY_ROTATION_COMPLETED')).toMatchObject([
    { actorKind: 'KEY', data: { generation: 1, by: 'CONFIRMED' } },
  ]);
});

test('confirm: a manager may confirm for the key', async () => {
  const world = await openKeyWorld();
  const { keyId, secret: old } = await world.issue();
  success(await rotateKey(world, world.owner, { keyId }));
  success(await confirmRotation(world, world.owner, { keyId }));
  expect(await world.probe(old)).toBe('SECRET_RETIRED');
});

test('confirm: a secret whose rotation was undone during its request confirms nothing', async () => {
  const world = await openKeyWorld();
  const { keyId, secret: old } = await world.issue();
  const next = textOf(success(await rotateKey(world, world.owner, { keyId })).delivery);
  const early = await world.callerOf(next);
  success(await undoRotation(world, world.owner, { keyId }));
  await expect(confirmRotation(world, early, {})).rejects.toMatchObject({ details: { outcome: 'SECRET_RETIRED' } });
  expect(await world.probe(old)).toBe('VALID');
});

test('confirm: fails when no rotation is pending, or the key has ended', async () => {
  const world = await openKeyWorld();
  const { keyId } = await world.issue();
  expect(failureOf(await confirmRotation(world, world.owner, { keyId }))).toBe('RotationNotPending');
  success(await rotateKey(world, world.owner, { keyId }));
  success(await revokeKey(world, world.owner, { keyId, reason: 'leaked' }));
  expect(failureOf(await confirmRotation(world, world.owner, { keyId }))).toBe('KeyNotActive');
});
