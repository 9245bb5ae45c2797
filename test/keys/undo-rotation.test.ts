import { expect, test } from 'vitest';
import { updateBinding } from '../../src/bindings/update.ts';
import { DAY_MS, HOUR_MS, SECOND_MS } from '../../src/domain/duration.ts';
import { addMs } from '../../src/domain/key.ts';
import { renewKey } from '../../src/keys/renew.ts';
import { revokeKey } from '../../src/keys/revoke.ts';
import { rotateKey } from '../../src/keys/rotate.ts';
import { undoRotation } from '../../src/keys/undo-rotation.ts';
import { openBindingWorld } from '../support/binding-world.ts';
import { failureOf, openKeyWorld, success, textOf, type KeyWorld } from '../support/key-world.ts';

async function rotated(world: KeyWorld, gracePeriodMs = DAY_MS) {
  const { keyId, secret: old } = await world.issue();
  const { delivery } = success(await rotateKey(world, world.owner, { keyId, gracePeriodMs }));
  return { keyId, old, next: textOf(delivery) };
}

test('undo: while the new secret is unused it retires at once, and the old one stays', async () => {
  const world = await openKeyWorld();
  const { keyId, old, next } = await rotated(world);
  success(await undoRotation(world, await world.callerOf(old), {}));
  expect(await world.probe(next)).toBe('SECRET_RETIRED');
  await world.travel(2 * DAY_MS);
  expect(await world.probe(old)).toBe('VALID');
  expect(await world.eventTypes(keyId)).toEqual([
    'KEY_ISSUED',
    'KEY_ROTATION_STARTED',
    'KEY_ROTATION_UNDONE',
    'KEY_SECRET_REUSED',
  ]);
});

test('undo: after an undo the key can be rotated again, by the secret that stayed', async () => {
  const world = await openKeyWorld();
  const { keyId, old } = await rotated(world);
  success(await undoRotation(world, world.owner, { keyId }));
  const again = success(await rotateKey(world, await world.callerOf(old), {}));
  expect(await world.probe(textOf(again.delivery))).toBe('VALID');
  expect((await world.key(keyId)).secrets.map(({ generation }) => generation).sort()).toEqual([1, 2, 3]);
});

test('undo: once the new secret has been used the two swap roles, and the new one retires after the same grace period', async () => {
  const world = await openKeyWorld();
  const { keyId, old, next } = await rotated(world, 2 * HOUR_MS);
  await world.travel(HOUR_MS);
  expect(await world.verify(next, 'ci')).toBe('VALID');
  success(await undoRotation(world, world.owner, { keyId }));
  const { secrets } = await world.key(keyId);
  expect(secrets.find((one) => one.generation === 1)?.retiresAt).toBeNull();
  expect(secrets.find((one) => one.generation === 2)?.retiresAt).toEqual(addMs(world.clock.now(), 2 * HOUR_MS));
  expect((await world.events(keyId)).at(-1)?.data).toMatchObject({ generation: 2, isSwap: true });
  expect(await world.verify(old, 'ci')).toBe('VALID');
  await world.travel(2 * HOUR_MS - 1);
  expect(await world.probe(next)).toBe('VALID');
  await world.travel(1);
  expect(await world.probe(next)).toBe('SECRET_RETIRED');
  expect(await world.probe(old)).toBe('VALID');
});

test('undo: once the new secret has been used, only the new one may undo', async () => {
  const world = await openKeyWorld();
  const { keyId, old, next } = await rotated(world);
  await world.verify(next);
  await expect(undoRotation(world, await world.callerOf(old), {})).rejects.toMatchObject({ code: 'FORBIDDEN' });
  success(await undoRotation(world, await world.callerOf(next), {}));
  expect((await world.eventTypes(keyId)).at(-1)).toBe('KEY_ROTATION_UNDONE');
});

test('undo: this node’s pending use counts', async () => {
  const world = await openKeyWorld();
  const { keyId, next } = await rotated(world);
  const { id: secretId } = await world.prisma.secret.findFirstOrThrow({ where: { keyId, generation: 2 } });
  world.uses.record({ id: keyId, secretId }, 'ci', world.clock.now());
  success(await undoRotation(world, world.owner, { keyId }));
  expect((await world.events(keyId)).at(-1)?.data).toMatchObject({ generation: 2, isSwap: true });
  expect(await world.probe(next)).toBe('VALID');
});

test('undo: a swapped rotation is reviewed anew, with an extension of its own', async () => {
  const world = await openKeyWorld();
  const { keyId, next } = await rotated(world);
  await world.travel(DAY_MS - 1000);
  expect((await world.key(keyId)).rotationExtended).toBe(true);
  await world.verify(next, 'ci');
  success(await undoRotation(world, world.owner, { keyId }));
  const started = world.clock.now();
  await world.travel(DAY_MS - 1000);
  const retiring = (await world.key(keyId)).secrets.find((one) => one.generation === 2);
  expect(retiring?.retiresAt).toEqual(addMs(started, 8 * DAY_MS));
});

test('undo: a consumer of the new secret keeps it after a swap until it is seen on the old one again', async () => {
  const world = await openKeyWorld();
  const { id: bindingId } = await world.prisma.binding.findFirstOrThrow({ where: { policy: 'renewal-window' } });
  success(await updateBinding(world, world.admin, { bindingId, config: { retiresWhenMoved: true } }));
  const consumers = ['ci', 'laptop'];
  const swapped = async () => {
    const { keyId, secret: old } = await world.issue();
    for (const consumer of consumers) await world.verify(old, consumer);
    const next = textOf(success(await rotateKey(world, world.owner, { keyId })).delivery);
    world.clock.advance(SECOND_MS);
    for (const consumer of consumers) await world.verify(next, consumer);
    success(await undoRotation(world, world.owner, { keyId }));
    return { keyId, old, next, at: world.clock.now() };
  };
  const [left, returned] = [await swapped(), await swapped()];
  await world.travel(HOUR_MS);
  for (const { next } of [left, returned]) expect(await world.probe(next)).toBe('VALID');
  await world.verify(left.old, 'ci');
  for (const consumer of consumers) await world.verify(returned.old, consumer);
  await world.travel(22 * HOUR_MS);
  expect(await world.probe(left.next)).toBe('VALID');
  expect((await world.events(left.keyId)).at(-1)).toMatchObject({
    type: 'KEY_ROTATION_STALLED',
    data: { generation: 2, to: addMs(left.at, 8 * DAY_MS).toISOString() },
  });
  expect(await world.probe(returned.next)).toBe('SECRET_RETIRED');
  expect((await world.events(returned.keyId)).at(-2)).toMatchObject({
    type: 'KEY_ROTATION_COMPLETED',
    data: { generation: 2, by: 'MOVED' },
  });
});

test('undo: fails when no rotation is pending, or the key has ended', async () => {
  const world = await openKeyWorld();
  const { keyId } = await world.issue();
  expect(failureOf(await undoRotation(world, world.owner, { keyId }))).toBe('RotationNotPending');
  const pending = await rotated(world, HOUR_MS);
  await world.travel(10 * DAY_MS);
  expect(failureOf(await undoRotation(world, world.owner, { keyId: pending.keyId }))).toBe('RotationNotPending');
  const revoked = await rotated(world);
  success(await revokeKey(world, world.owner, { keyId: revoked.keyId, reason: 'leaked' }));
  const before = await world.eventTypes(revoked.keyId);
  expect(failureOf(await undoRotation(world, world.owner, { keyId: revoked.keyId }))).toBe('KeyNotActive');
  expect(await world.eventTypes(revoked.keyId)).toEqual(before);
});

/** A module whose reason names the generation that it is told. */
const COUNTER = `import { definePolicy, z } from '#policy';

export default definePolicy({
  name: 'counter',
  version: '1.0.0',
  title: 'Counter',
  summary: 'Names the generation of the secret.',
  config: z.strictObject({}),
  renewal: ({ key }) => ({
    isAllowed: true,
    allowedAt: null,
    mode: 'EXTEND',
    longest: null,
    window: null,
    graceExtension: 0,
    retiresWhenMoved: false,
    reason: { code: 'COUNTED', sentence: \`generation \${key.secretGeneration}\` },
  }),
});
`;

const renewByRotation = (world: KeyWorld, keyId: string) =>
  renewKey(world, world.owner, { keyId, ask: null, accept: ['ROTATE'] });

test.each([
  ['a renewal that rotates', 'ENFORCED', renewByRotation],
  ['the review after a renewal that rotates', 'SHADOW', renewByRotation],
  ['a rotation', 'ENFORCED', (world: KeyWorld, keyId: string) => rotateKey(world, world.owner, { keyId })],
] as const)('undo: after a swap %s tells policies in %s the generation that is written', async (_, mode, replace) => {
  const world = await openBindingWorld();
  await world.write('counter', COUNTER);
  await world.bind({ policy: 'counter', mode, config: {} });
  const { keyId, next } = await rotated(world, HOUR_MS);
  await world.verify(next);
  success(await undoRotation(world, world.owner, { keyId }));
  await world.travel(2 * HOUR_MS);
  success<object>(await replace(world, keyId));
  if (mode === 'SHADOW') await world.reviewer.reviewDue();
  const { secrets, judgement } = await world.key(keyId);
  expect(secrets.find(({ retiresAt }) => retiresAt === null)?.generation).toBe(3);
  expect(JSON.stringify(judgement?.verdicts)).toContain('"generation 3"');
});
