import { compactDecrypt, exportJWK, generateKeyPair } from 'jose';
import { expect, test } from 'vitest';
import { DAY_MS, HOUR_MS } from '../../src/domain/duration.ts';
import { addMs } from '../../src/domain/key.ts';
import { confirmRotation } from '../../src/keys/confirm-rotation.ts';
import { holdKey } from '../../src/keys/hold.ts';
import { resumeKey } from '../../src/keys/resume.ts';
import { revokeKey } from '../../src/keys/revoke.ts';
import { rotateKey } from '../../src/keys/rotate.ts';
import { updateKey } from '../../src/keys/update.ts';
import { openGateway } from '../support/gateway.ts';
import { failureOf, openKeyWorld, success, textOf } from '../support/key-world.ts';
import { MutationWorld } from '../support/mutation-world.ts';

const VERIFY = 'mutation ($input: VerifyKeyInput!) { verifyKey(input: $input) { renewalDue } }';

test('rotate: the old secret works to the end of its grace period, by default a day', async () => {
  const world = await openKeyWorld();
  const { keyId, secret } = await world.issue();
  const rotated = success(await rotateKey(world, await world.callerOf(secret), {}));
  expect(rotated.previousRetiresAt).toEqual(addMs(world.clock.now(), DAY_MS));
  expect(await world.verify(textOf(rotated.delivery), 'ci')).toBe('VALID');
  world.clock.advance(DAY_MS - 1);
  expect(await world.probe(secret)).toBe('VALID');
  world.clock.advance(1);
  expect(await world.probe(secret)).toBe('SECRET_RETIRED');
  await world.reviewer.reviewDue();
  const told = await world.events(keyId);
  expect(told.map(({ type }) => type)).toEqual([
    'KEY_ISSUED',
    'KEY_ROTATION_STARTED',
    'KEY_FIRST_USED',
    'KEY_SECRET_REUSED',
    'KEY_ROTATION_COMPLETED',
  ]);
  expect(told.at(-1)).toMatchObject({ at: world.clock.now(), data: { by: 'GRACE_PERIOD', generation: 1 } });
});

test('rotate: moves no stop', async () => {
  const world = await openKeyWorld();
  const { keyId } = await world.issue({ ask: { lifetimeMs: 30 * DAY_MS } });
  const before = await world.key(keyId);
  await world.travel(5 * DAY_MS);
  success(await rotateKey(world, world.owner, { keyId }));
  const { expiresAt, stopsAt, activeAt, grantedAt } = before;
  expect(await world.key(keyId)).toMatchObject({ expiresAt, stopsAt, activeAt, grantedAt });
});

test('rotate: renewal advice is for the new secret at once, and for the old one again after an undo', async () => {
  const gateway = await openGateway();
  const world = new MutationWorld(gateway);
  const { id: bindingId } = await gateway.prisma.binding.findFirstOrThrow({ where: { policy: 'renewal-window' } });
  await world.mutate('updateBinding', { bindingId, config: { rotateAfter: 'P30D' } }, 'binding { id }');
  const scopes = [{ action: 'package:push', resource: '**' }];
  for (const lifetime of ['P300D', undefined]) {
    const input = { realm: 'default', name: 'release', scopes, lifetime };
    const { key, secret } = await world.mutate('issueKey', input, 'key { id } secret');
    const renewalDue = async () =>
      (await gateway.ask(VERIFY, { input: { secret } }, await gateway.admin())).data['verifyKey'].renewalDue;
    expect(await renewalDue()).toBe(false);
    await gateway.travel(28 * DAY_MS);
    const { keyId, selection } = { keyId: key.id, selection: 'key { renewalInfo { mode suggestedAt } }' };
    const advised = async (mutation: string) => {
      const { mode, suggestedAt } = (await world.mutate(mutation, { keyId }, selection)).key.renewalInfo;
      return [mode, Date.parse(suggestedAt) <= gateway.clock.now().getTime(), await renewalDue()];
    };
    const query = 'query ($id: ID!) { key(id: $id) { renewalInfo { mode } } }';
    const { data } = await gateway.ask(query, { id: keyId }, await gateway.admin());
    expect([data['key'].renewalInfo.mode, await renewalDue()]).toEqual(['ROTATE', true]);
    expect(await advised('rotateKey')).toEqual(['EXTEND', false, false]);
    expect(await advised('undoRotation')).toEqual(['ROTATE', true, true]);
  }
});

test('rotate: no caller can rotate while a rotation is pending', async () => {
  const world = await openKeyWorld();
  const { keyId, secret } = await world.issue();
  const rotated = success(await rotateKey(world, world.owner, { keyId, gracePeriodMs: HOUR_MS }));
  const callers = [
    world.owner,
    world.admin,
    await world.callerOf(secret),
    await world.callerOf(textOf(rotated.delivery)),
  ];
  for (const caller of callers) {
    expect(await rotateKey(world, caller, { keyId })).toMatchObject({
      failure: 'RotationPending',
      details: { previousRetiresAt: rotated.previousRetiresAt },
    });
  }
  expect((await world.key(keyId)).secrets).toHaveLength(2);
});

test('rotate: with a grace of 0 the old secret retires at once', async () => {
  const world = await openKeyWorld();
  const { keyId, secret } = await world.issue();
  const rotated = success(await rotateKey(world, world.owner, { keyId, gracePeriodMs: 0 }));
  expect(rotated.previousRetiresAt).toEqual(world.clock.now());
  expect(await world.probe(secret)).toBe('SECRET_RETIRED');
  expect(await world.probe(textOf(rotated.delivery))).toBe('VALID');
  expect((await world.eventTypes(keyId)).slice(0, 3)).toEqual([
    'KEY_ISSUED',
    'KEY_ROTATION_STARTED',
    'KEY_ROTATION_COMPLETED',
  ]);
});

test('rotate: a held key only by a person with a grace of 0; it stays held', async () => {
  const world = await openKeyWorld();
  const { keyId, secret } = await world.issue();
  const early = await world.callerOf(secret);
  success(await holdKey(world, world.owner, { keyId, reason: 'its secret was found' }));
  for (const [caller, gracePeriodMs] of [
    [world.owner, undefined],
    [world.owner, 1],
    [early, 0],
  ] as const) {
    const refused = await rotateKey(world, caller, { keyId, ...(gracePeriodMs !== undefined && { gracePeriodMs }) });
    expect(refused).toMatchObject({ failure: 'KeyNotActive', details: { state: 'HELD' } });
  }
  expect(failureOf(await rotateKey(world, world.stranger, { keyId, gracePeriodMs: 0 }))).toBe('KeyNotFound');
  const { delivery } = success(await rotateKey(world, world.owner, { keyId, gracePeriodMs: 0 }));
  expect([await world.probe(secret), await world.probe(textOf(delivery))]).toEqual(['SECRET_RETIRED', 'KEY_HELD']);
  success(await resumeKey(world, world.owner, { keyId }));
  expect([await world.probe(secret), await world.probe(textOf(delivery))]).toEqual(['SECRET_RETIRED', 'VALID']);
  const told = ['KEY_ISSUED', 'KEY_HELD', 'KEY_ROTATION_STARTED', 'KEY_ROTATION_COMPLETED', 'KEY_RESUMED'];
  expect((await world.eventTypes(keyId)).filter((type) => told.includes(type))).toEqual(told);

  // What has ended is no longer held.
  success(await revokeKey(world, world.owner, { keyId, reason: 'gone' }));
  expect(failureOf(await rotateKey(world, world.owner, { keyId, gracePeriodMs: 0 }))).toBe('KeyNotActive');
});

test('rotate: a secret that retires during its request rotates nothing', async () => {
  const world = await openKeyWorld();
  const { keyId, secret } = await world.issue();
  const early = await world.callerOf(secret);
  success(await rotateKey(world, world.owner, { keyId, gracePeriodMs: 0 }));
  await expect(rotateKey(world, early, {})).rejects.toMatchObject({ details: { outcome: 'SECRET_RETIRED' } });
  expect((await world.key(keyId)).secrets).toHaveLength(2);
});

test('rotate: a grace period is from 0 to 30 days', async () => {
  const world = await openKeyWorld();
  const { keyId } = await world.issue();
  for (const gracePeriodMs of [-1, 30 * DAY_MS + 1]) {
    expect(failureOf(await rotateKey(world, world.owner, { keyId, gracePeriodMs }))).toBe('GracePeriodOutOfBounds');
  }
  success(await rotateKey(world, world.owner, { keyId, gracePeriodMs: 30 * DAY_MS }));
});

test('rotate: the old secret never outlives the key, also when the key’s expiry is shortened', async () => {
  const world = await openKeyWorld();
  const { keyId } = await world.issue({ ask: { lifetimeMs: 10 * DAY_MS } });
  const expiry = addMs(world.clock.now(), 10 * DAY_MS);
  const rotated = success(await rotateKey(world, world.owner, { keyId, gracePeriodMs: 30 * DAY_MS }));
  expect(rotated.previousRetiresAt).toEqual(expiry);
  const earlier = addMs(world.clock.now(), 2 * DAY_MS);
  success(await updateKey(world, world.owner, { keyId, expiresAt: earlier }));
  const old = (await world.key(keyId)).secrets.find((one) => one.generation === 1);
  expect(old?.retiresAt).toEqual(earlier);
  expect((await world.events(keyId)).at(-1)?.data).toMatchObject({ previousRetiresAt: earlier.toISOString() });
});

test('rotate: a stalled grace period is extended once, by 7 days, never past the key’s own end', async () => {
  const world = await openKeyWorld();
  const { keyId, secret } = await world.issue();
  const started = world.clock.now();
  success(await rotateKey(world, world.owner, { keyId, gracePeriodMs: HOUR_MS }));
  await world.travel(HOUR_MS / 2 - 1);
  expect(await world.eventTypes(keyId)).not.toContain('KEY_ROTATION_STALLED');
  await world.travel(1);
  const stalled = (await world.events(keyId)).at(-1);
  const longer = addMs(started, HOUR_MS + 7 * DAY_MS);
  expect(stalled).toMatchObject({ type: 'KEY_ROTATION_STALLED', data: { to: longer.toISOString() } });
  await world.travel(7 * DAY_MS + HOUR_MS / 2 - 1);
  expect(await world.probe(secret)).toBe('VALID');
  await world.travel(1);
  expect(await world.probe(secret)).toBe('SECRET_RETIRED');
  expect((await world.eventTypes(keyId)).filter((type) => type.startsWith('KEY_ROTATION'))).toEqual([
    'KEY_ROTATION_STARTED',
    'KEY_ROTATION_STALLED',
    'KEY_ROTATION_COMPLETED',
  ]);

  const short = await world.issue({ ask: { lifetimeMs: 2 * DAY_MS } });
  const end = addMs(world.clock.now(), 2 * DAY_MS);
  success(await rotateKey(world, world.owner, { keyId: short.keyId, gracePeriodMs: DAY_MS }));
  await world.travel(DAY_MS - HOUR_MS);
  expect((await world.events(short.keyId)).at(-1)?.data).toMatchObject({ to: end.toISOString() });
});

test('rotate: a node that is down for the last hour of a grace period strands no consumer', async () => {
  const world = await openKeyWorld();
  for (const [gracePeriodMs, aheadMs] of [
    [DAY_MS, HOUR_MS],
    [HOUR_MS, HOUR_MS / 2],
  ] as const) {
    const { keyId, secret } = await world.issue();
    expect(await world.verify(secret, 'ci')).toBe('VALID');
    success(await rotateKey(world, world.owner, { keyId, gracePeriodMs }));
    await world.travel(gracePeriodMs - aheadMs);
    world.clock.advance(aheadMs);
    expect(await world.probe(secret)).toBe('VALID');
    await world.reviewer.reviewDue();
    expect(await world.probe(secret)).toBe('VALID');
    expect(await world.eventTypes(keyId)).not.toContain('KEY_ROTATION_COMPLETED');
  }
});

test('rotate: consumers that moved after the extension of a grace period may confirm the rotation', async () => {
  const world = await openKeyWorld();
  const { keyId, secret } = await world.issue();
  expect(await world.verify(secret, 'ci')).toBe('VALID');
  const rotated = success(await rotateKey(world, world.owner, { keyId }));
  await world.travel(DAY_MS - HOUR_MS);
  expect((await world.eventTypes(keyId)).at(-1)).toBe('KEY_ROTATION_STALLED');
  const next = textOf(rotated.delivery);
  expect(await world.verify(next, 'ci')).toBe('VALID');
  success(await confirmRotation(world, await world.callerOf(next), {}));
  expect(await world.probe(secret)).toBe('SECRET_RETIRED');
});

test('rotate: a rotation is stalled while a known consumer, or one without a label, has not moved', async () => {
  const world = await openKeyWorld();
  const cases = [
    { old: ['ci'], next: ['ci'], isStalled: false },
    { old: ['ci', 'laptop'], next: ['ci'], isStalled: true },
    { old: ['ci', 'laptop'], next: ['laptop', 'ci'], isStalled: false },
    { old: [null], next: [null], isStalled: true },
    { old: [], next: ['ci'], isStalled: false },
    { old: ['ci'], next: [], isStalled: true },
    { old: [], next: [], isStalled: true },
  ];
  const rotated = [];
  for (const { old, next, isStalled } of cases) {
    const { keyId, secret } = await world.issue();
    for (const consumer of old) expect(await world.verify(secret, consumer)).toBe('VALID');
    const { delivery } = success(await rotateKey(world, world.owner, { keyId }));
    for (const consumer of next) expect(await world.verify(textOf(delivery), consumer)).toBe('VALID');
    rotated.push({ keyId, isStalled });
  }
  await world.travel(DAY_MS - HOUR_MS);
  for (const { keyId, isStalled } of rotated) {
    expect((await world.eventTypes(keyId)).includes('KEY_ROTATION_STALLED')).toBe(isStalled);
  }
});

test('rotate: does not wait for a consumer that was not seen for more than 400 days', async () => {
  const world = await openKeyWorld();
  const { keyId, secret } = await world.issue();
  expect(await world.verify(secret, 'a job that was ended')).toBe('VALID');
  await world.travel(200 * DAY_MS);
  expect(await world.verify(secret, 'ci')).toBe('VALID');
  await world.travel(200 * DAY_MS);
  const { delivery } = success(await rotateKey(world, world.owner, { keyId }));
  expect(await world.verify(textOf(delivery), 'ci')).toBe('VALID');
  await world.travel(DAY_MS - HOUR_MS);
  await world.travel(HOUR_MS);
  const told = await world.eventTypes(keyId);
  expect(told).not.toContain('KEY_ROTATION_STALLED');
  expect(told.at(-1)).toBe('KEY_ROTATION_COMPLETED');
});

test('rotate: the new secret is sealed to a public key', async () => {
  const world = await openKeyWorld();
  const { keyId } = await world.issue();
  const { publicKey, privateKey } = await generateKeyPair('ECDH-ES', { crv: 'X25519', extractable: true });
  const jwk = JSON.stringify(await exportJWK(publicKey));
  const rotated = success(await rotateKey(world, world.owner, { keyId, publicKey: jwk }));
  const { plaintext } = await compactDecrypt(textOf(rotated.delivery), privateKey);
  expect(await world.probe(new TextDecoder().decode(plaintext))).toBe('VALID');
});

test('rotate: a held or expired key is not rotated', async () => {
  const world = await openKeyWorld();
  const { keyId } = await world.issue({ ask: { lifetimeMs: 2 * DAY_MS } });
  success(await holdKey(world, world.owner, { keyId, reason: 'away' }));
  expect(await rotateKey(world, world.owner, { keyId })).toMatchObject({ details: { state: 'HELD' } });
  await world.travel(2 * DAY_MS);
  expect(await rotateKey(world, world.owner, { keyId })).toMatchObject({ details: { state: 'EXPIRED' } });
  expect((await world.key(keyId)).secrets).toHaveLength(1);
});
