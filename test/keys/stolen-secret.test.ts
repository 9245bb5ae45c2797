import { expect, test } from 'vitest';
import { DAY_MS, HOUR_MS } from '../../src/domain/duration.ts';
import { confirmRotation } from '../../src/keys/confirm-rotation.ts';
import { renewKey } from '../../src/keys/renew.ts';
import { revokeKey } from '../../src/keys/revoke.ts';
import { rotateKey } from '../../src/keys/rotate.ts';
import { undoRotation } from '../../src/keys/undo-rotation.ts';
import { failureOf, openKeyWorld, success, textOf, type KeyWorld } from '../support/key-world.ts';

/** A key in use, whose secret a thief had and rotated first. */
async function stolen(world: KeyWorld) {
  const { keyId, secret: owners } = await world.issue();
  await world.verify(owners, 'ci');
  const rotation = await rotateKey(world, await world.callerOf(owners), { gracePeriodMs: DAY_MS });
  return { keyId, owners, thiefs: textOf(success(rotation).delivery) };
}

test('stolen secret: a thief who rotates first locks no one out: the old secret works on, undoes it, and may revoke the key', async () => {
  const world = await openKeyWorld();
  const { keyId, owners, thiefs } = await stolen(world);
  await world.travel(23 * HOUR_MS);
  expect(await world.verify(owners, 'ci')).toBe('VALID');
  // It cannot be had for longer, nor taken out of the owner's hands any faster, by the old secret.
  expect(failureOf(await rotateKey(world, await world.callerOf(owners), {}))).toBe('RotationPending');
  success(await undoRotation(world, await world.callerOf(owners), {}));
  expect(await world.probe(thiefs)).toBe('SECRET_RETIRED');
  expect(await world.probe(owners)).toBe('VALID');

  const again = await stolen(world);
  await world.verify(again.thiefs, 'elsewhere');
  const reason = 'somebody else has rotated it';
  success(await revokeKey(world, await world.callerOf(again.owners), { keyId: again.keyId, reason }));
  expect(await world.probe(again.thiefs)).toBe('KEY_REVOKED');
  expect(await world.eventTypes(keyId)).toContain('KEY_ROTATION_STARTED');
});

test('stolen secret: once the thief uses it, the owner’s job presents a retired secret, and a person shuts the thief out', async () => {
  const world = await openKeyWorld();
  const { keyId, owners, thiefs } = await stolen(world);
  await world.verify(thiefs, 'elsewhere');
  success(await confirmRotation(world, await world.callerOf(thiefs), {}));
  // The old secret renews and rotates nothing any more: there is one line of succession.
  await expect(world.callerOf(owners)).rejects.toMatchObject({ details: { outcome: 'SECRET_RETIRED' } });
  await world.uses.flush();
  expect(await world.verify(owners, 'ci')).toBe('SECRET_RETIRED');
  expect((await world.events(keyId)).findLast(({ type }) => type === 'KEY_SECRET_REUSED')?.data).toMatchObject({
    generation: 1,
    consumer: 'ci',
    isNewConsumer: false,
  });

  const ownNow = success(await rotateKey(world, world.owner, { keyId, gracePeriodMs: 0 }));
  expect(await world.verify(thiefs, 'elsewhere')).toBe('SECRET_RETIRED');
  expect(await world.verify(textOf(ownNow.delivery), 'ci')).toBe('VALID');
  expect(failureOf(await renewKey(world, world.stranger, { keyId, ask: null, accept: ['ROTATE'] }))).toBe(
    'KeyNotFound',
  );
});
