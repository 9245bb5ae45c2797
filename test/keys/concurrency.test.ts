import { expect, test } from 'vitest';
import { DAY_MS, HOUR_MS } from '../../src/domain/duration.ts';
import type { Caller } from '../../src/domain/caller.ts';
import { isFailure } from '../../src/domain/failure.ts';
import { addMs } from '../../src/domain/key.ts';
import { RequestError } from '../../src/domain/request-error.ts';
import { confirmRotation } from '../../src/keys/confirm-rotation.ts';
import { holdKey } from '../../src/keys/hold.ts';
import { issueKey } from '../../src/keys/issue.ts';
import { renewKey } from '../../src/keys/renew.ts';
import { revokeKey } from '../../src/keys/revoke.ts';
import { rotateKey } from '../../src/keys/rotate.ts';
import { undoRotation } from '../../src/keys/undo-rotation.ts';
import { failureOf, openKeyWorld, PUSH, success, textOf } from '../support/key-world.ts';

const isLong = process.env['KEYTIDE_TEST_LONG'] !== undefined;
const CALLERS = isLong ? 100 : 20;
const ROUNDS = isLong ? 20 : 2;

test(
  'at once: of many rotations one makes a successor; the old secret works to the end of the overlap',
  { timeout: 300_000 },
  async () => {
    const world = await openKeyWorld();
    for (let round = 0; round < ROUNDS; round += 1) {
      const { keyId, secret } = await world.issue();
      const caller = await world.callerOf(secret);
      const answers = await Promise.all(
        Array.from({ length: CALLERS }, (_, index) =>
          rotateKey(world, index % 2 ? caller : world.owner, { keyId, gracePeriodMs: HOUR_MS }),
        ),
      );
      const made = answers.flatMap((answer) => (isFailure(answer) ? [] : [answer]));
      expect(made).toHaveLength(1);
      expect(new Set(answers.filter(isFailure).map(failureOf))).toEqual(new Set(['RotationPending']));
      expect((await world.key(keyId)).secrets.map(({ generation }) => generation).sort()).toEqual([1, 2]);
      world.clock.advance(HOUR_MS - 1);
      expect(await world.probe(secret)).toBe('VALID');
      for (const { delivery } of made) expect(await world.probe(textOf(delivery))).toBe('VALID');
      expect((await world.eventTypes(keyId)).filter((type) => type === 'KEY_ROTATION_STARTED')).toHaveLength(1);
    }
  },
);

test('concurrency: of many rotations with a grace of 0 by one secret, one creates a successor', async () => {
  const world = await openKeyWorld();
  const { keyId, secret } = await world.issue();
  const caller = await world.callerOf(secret);
  const answers = await Promise.allSettled(
    Array.from({ length: CALLERS }, () => rotateKey(world, caller, { gracePeriodMs: 0 })),
  );
  const made = answers.filter((answer) => answer.status === 'fulfilled');
  expect(made).toHaveLength(1);
  for (const answer of answers) {
    if (answer.status === 'rejected') expect(answer.reason).toMatchObject({ details: { outcome: 'SECRET_RETIRED' } });
  }
  expect((await world.key(keyId)).secrets).toHaveLength(2);
});

test('concurrency: of many rotations with a grace of 0 by several callers one makes a successor, and none is an alarm', async () => {
  const world = await openKeyWorld();
  const acme = await world.organization({ ann: 'OWNER', bob: 'ADMIN', cem: 'OWNER' });
  const { keyId, secret } = await world.issue({ owner: acme.id }, acme.ann);
  await world.verify(secret, 'ci');
  const itself = await world.callerOf(secret);
  const callers = [acme.ann, itself, acme.bob, world.admin, acme.cem];
  const rotate = (caller: Caller) => rotateKey(world, caller, { keyId, gracePeriodMs: 0 });
  const answers = await Promise.allSettled(
    Array.from({ length: CALLERS }, (_, index) => rotate(callers[index % callers.length]!)),
  );
  const made = answers.flatMap((answer) =>
    answer.status === 'fulfilled' && !isFailure(answer.value) ? [answer.value] : [],
  );
  const rotatedBy = (await world.key(keyId)).secrets.flatMap(({ rotatedAtOnceBy }) => rotatedAtOnceBy ?? []);
  expect(new Set(rotatedBy)).toHaveLength(1);
  for (const answer of answers) {
    if (answer.status === 'rejected') expect(answer.reason).toMatchObject({ details: { outcome: 'SECRET_RETIRED' } });
    else if (isFailure(answer.value)) expect(failureOf(answer.value)).toBe('RotationPending');
  }
  // Requests that were under way with the old secret, and the dead secrets of a caller that rotated again at once.
  await world.verify(secret, 'ci');
  for (const { delivery } of made) await world.verify(textOf(delivery), 'ci');
  expect(await world.eventTypes(keyId)).not.toContain('KEY_SECRET_REUSED');

  world.clock.advance(10_000 - 1);
  const other = callers.find((caller) => caller.kind === 'ACCOUNT' && !rotatedBy.includes(caller.id))!;
  expect(await rotate(other)).toMatchObject({
    failure: 'RotationPending',
    details: { previousRetiresAt: addMs(world.clock.now(), 1) },
  });
  const renewal = { keyId, ask: null, accept: ['ROTATE'], gracePeriodMs: 0 } as const;
  expect(failureOf(await renewKey(world, other, renewal))).toBe('RotationPending');
  world.clock.advance(1);
  success(await rotate(other));
  world.clock.advance(10_000);
  await world.verify(secret, 'ci');
  expect(await world.eventTypes(keyId)).toContain('KEY_SECRET_REUSED');
});

test('concurrency: a person who holds a key rotates it without a wait', async () => {
  const world = await openKeyWorld();
  const { keyId, secret } = await world.issue();
  success(await rotateKey(world, await world.callerOf(secret), { gracePeriodMs: 0 }));
  expect(failureOf(await rotateKey(world, world.owner, { keyId, gracePeriodMs: 0 }))).toBe('RotationPending');
  success(await holdKey(world, world.owner, { keyId, reason: 'somebody else rotates it' }));
  success(await rotateKey(world, world.owner, { keyId, gracePeriodMs: 0 }));
});

test('concurrency: of many renewals by ROTATE one creates a successor, and no renewal is refused because of another', async () => {
  const world = await openKeyWorld();
  const { keyId, secret } = await world.issue({ ask: { lifetimeMs: 45 * DAY_MS } });
  world.clock.advance(DAY_MS);
  const caller = await world.callerOf(secret);
  const rotating = Array.from({ length: CALLERS / 2 }, () =>
    renewKey(world, caller, { ask: null, accept: ['ROTATE'] }),
  );
  const extending = Array.from({ length: CALLERS / 2 }, () =>
    renewKey(world, world.owner, { keyId, ask: null, accept: ['EXTEND'] }),
  );
  const made = (await Promise.all(rotating)).filter((answer) => !isFailure(answer));
  expect(made).toHaveLength(1);
  for (const answer of await Promise.all(extending)) success(answer);
  expect((await world.key(keyId)).secrets).toHaveLength(2);
  expect(await world.probe(secret)).toBe('VALID');
});

test('concurrency: identical requests under one idempotency key get one result, with the secret', async () => {
  const world = await openKeyWorld();
  for (let round = 0; round < ROUNDS; round += 1) {
    const { keyId, secret } = await world.issue();
    const caller = await world.callerOf(secret);
    const answers = await Promise.all(
      Array.from({ length: CALLERS }, () =>
        rotateKey(world, caller, { gracePeriodMs: HOUR_MS, idempotencyKey: `rotation ${round}` }),
      ),
    );
    const texts = answers.map((answer) => textOf(success(answer).delivery));
    expect(new Set(texts)).toHaveLength(1);
    expect((await world.key(keyId)).secrets).toHaveLength(2);
    expect((await world.eventTypes(keyId)).filter((type) => type === 'KEY_ROTATION_STARTED')).toHaveLength(1);
  }
});

test('concurrency: identical rotations with a grace of 0 get one result, although it retires the secret they presented', async () => {
  const world = await openKeyWorld();
  const { secret } = await world.issue();
  const caller = await world.callerOf(secret);
  const input = { gracePeriodMs: 0, idempotencyKey: 'rotation' };
  const answers = await Promise.all(Array.from({ length: CALLERS }, () => rotateKey(world, caller, input)));
  expect(new Set(answers.map((answer) => textOf(success(answer).delivery)))).toHaveLength(1);
});

test('concurrency: identical issue requests create one key', async () => {
  const world = await openKeyWorld();
  const input = { realm: 'default', name: 'one', scopes: [PUSH], labels: [], ask: null, idempotencyKey: 'issue' };
  const answers = await Promise.all(Array.from({ length: CALLERS }, () => issueKey(world, world.owner, input)));
  expect(new Set(answers.map((answer) => success(answer).keyId))).toHaveLength(1);
  expect(await world.prisma.key.count()).toBe(1);
});

test('concurrency: after any changes at the same time, a key has one current secret and matching events', async () => {
  const world = await openKeyWorld();
  for (let round = 0; round < ROUNDS * 3; round += 1) {
    const { keyId } = await world.issue();
    const next = textOf(success(await rotateKey(world, world.owner, { keyId, gracePeriodMs: DAY_MS })).delivery);
    const caller = await world.callerOf(next);
    await Promise.all(
      [
        confirmRotation(world, caller, {}),
        undoRotation(world, world.owner, { keyId }),
        undoRotation(world, world.owner, { keyId }),
        rotateKey(world, caller, { gracePeriodMs: 0 }),
        world.verify(next),
        ...(round % 3 === 0 ? [revokeKey(world, world.owner, { keyId, reason: 'race' })] : []),
      ].map((work: Promise<unknown>) => work.catch(onlyRefusals)),
    );
    const { secrets } = await world.key(keyId);
    expect(secrets.filter((secret) => secret.retiresAt === null)).toHaveLength(1);
    const types = await world.eventTypes(keyId);
    const count = (type: string) => types.filter((one) => one === type).length;
    expect(count('KEY_ROTATION_STARTED')).toBe(secrets.length - 1);
    if (types.includes('KEY_REVOKED'))
      expect(types.slice(types.indexOf('KEY_REVOKED') + 1)).not.toContain('KEY_ROTATION_UNDONE');
  }
});

function onlyRefusals(error: unknown): void {
  if (!(error instanceof RequestError)) throw error;
}
