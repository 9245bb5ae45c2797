import { expect, test } from 'vitest';
import { DAY_MS } from '../../src/domain/duration.ts';
import { confirmRotation } from '../../src/keys/confirm-rotation.ts';
import { holdKey } from '../../src/keys/hold.ts';
import { issueKey, type IssueKeyInput } from '../../src/keys/issue.ts';
import { revokeKey } from '../../src/keys/revoke.ts';
import { rotateKey } from '../../src/keys/rotate.ts';
import { transferKey } from '../../src/keys/transfer.ts';
import { failureOf, openKeyWorld, PUSH, success, textOf } from '../support/key-world.ts';

const input = { realm: 'default', name: 'release', scopes: [PUSH], labels: [], ask: null } satisfies IssueKeyInput;
const idempotencyKey = 'a job’s run 17';

test('idempotency: a repeated request gets the same result, and makes one change', async () => {
  const world = await openKeyWorld();
  const first = success(await issueKey(world, world.owner, { ...input, idempotencyKey }));
  const again = success(await issueKey(world, world.owner, { ...input, idempotencyKey }));
  expect(again.keyId).toBe(first.keyId);
  expect(textOf(again.delivery)).toBe(textOf(first.delivery));
  expect(await world.prisma.key.count()).toBe(1);
  expect(await world.eventTypes(first.keyId)).toEqual(['KEY_ISSUED']);
});

test('idempotency: the secret is shown again until its first use', async () => {
  const world = await openKeyWorld();
  const { delivery } = success(await issueKey(world, world.owner, { ...input, idempotencyKey }));
  await world.probe(textOf(delivery));
  textOf(success(await issueKey(world, world.owner, { ...input, idempotencyKey })).delivery);
  await world.verify(textOf(delivery));
  const again = success(await issueKey(world, world.owner, { ...input, idempotencyKey }));
  expect(again.delivery).toMatchObject({ text: null, of: delivery.of });
});

test('idempotency: the secret is shown again for 24 hours', async () => {
  const world = await openKeyWorld();
  success(await issueKey(world, world.owner, { ...input, idempotencyKey }));
  world.clock.advance(DAY_MS - 1);
  textOf(success(await issueKey(world, world.owner, { ...input, idempotencyKey })).delivery);
  world.clock.advance(1);
  const again = success(await issueKey(world, world.owner, { ...input, idempotencyKey }));
  expect(again.delivery.text).toBeNull();
});

test('idempotency: a lost response is repeated with the old secret, which the job still has', async () => {
  const world = await openKeyWorld();
  const { keyId, secret } = await world.issue();
  const lost = success(await rotateKey(world, await world.callerOf(secret), { idempotencyKey }));
  const again = success(await rotateKey(world, await world.callerOf(secret), { idempotencyKey }));
  expect(textOf(again.delivery)).toBe(textOf(lost.delivery));
  expect(again.previousRetiresAt).toEqual(lost.previousRetiresAt);
  expect((await world.key(keyId)).secrets).toHaveLength(2);
});

test('idempotency: another input is a conflict; fields in another order and nulls are the same input', async () => {
  const world = await openKeyWorld();
  success(await issueKey(world, world.owner, { ...input, idempotencyKey }));
  const other = { ...input, name: 'other', idempotencyKey };
  expect(failureOf(await issueKey(world, world.owner, other))).toBe('IdempotencyConflict');
  const { realm, ...rest } = input;
  success(await issueKey(world, world.owner, { ...rest, owner: null, publicKey: null, idempotencyKey, realm }));
});

test('idempotency: another caller or another mutation under the same key is another request', async () => {
  const world = await openKeyWorld();
  const mine = success(await issueKey(world, world.owner, { ...input, idempotencyKey }));
  const theirs = success(await issueKey(world, world.stranger, { ...input, idempotencyKey }));
  expect(theirs.keyId).not.toBe(mine.keyId);
  success(await holdKey(world, world.owner, { keyId: mine.keyId, reason: 'away', idempotencyKey }));
});

test('idempotency: a repetition needs a caller that is still allowed', async () => {
  const world = await openKeyWorld();
  const { keyId } = await world.issue();
  success(await rotateKey(world, world.owner, { keyId, idempotencyKey }));
  success(await transferKey(world, world.admin, { keyId, owner: world.stranger.id }));
  expect(failureOf(await rotateKey(world, world.owner, { keyId, idempotencyKey }))).toBe('KeyNotFound');
});

test('idempotency: a refusal is evaluated again, and so is an error of the request', async () => {
  const world = await openKeyWorld();
  const { keyId } = await world.issue();
  success(await rotateKey(world, world.owner, { keyId }));
  const rotation = { keyId, idempotencyKey };
  expect(failureOf(await rotateKey(world, world.owner, rotation))).toBe('RotationPending');
  success(await confirmRotation(world, world.owner, { keyId }));
  const rotated = success(await rotateKey(world, world.owner, rotation));
  const again = success(await rotateKey(world, world.owner, rotation));
  expect(textOf(again.delivery)).toBe(textOf(rotated.delivery));

  const tooLong = { keyId, reason: 'x'.repeat(100_000), idempotencyKey: 'another' };
  await expect(revokeKey(world, world.owner, tooLong)).rejects.toMatchObject({ code: 'BAD_USER_INPUT' });
  success(await revokeKey(world, world.owner, { ...tooLong, reason: 'leaked' }));
});

test('idempotency: after a refusal the key may come with another input, and a success is then retained', async () => {
  const world = await openKeyWorld();
  const ask = { lifetimeMs: 1000 * DAY_MS };
  expect(failureOf(await issueKey(world, world.owner, { ...input, ask, idempotencyKey }))).toBe('ExpiryOutOfBounds');
  expect(await world.prisma.idempotencyRecord.count()).toBe(0);
  success(await issueKey(world, world.owner, { ...input, idempotencyKey }));
  expect(failureOf(await issueKey(world, world.owner, { ...input, ask, idempotencyKey }))).toBe('IdempotencyConflict');
});

test('idempotency: a target that was not found is looked for again', async () => {
  const world = await openKeyWorld();
  const { keyId } = await world.issue({}, world.stranger);
  const hold = { keyId, reason: 'away', idempotencyKey };
  expect(failureOf(await holdKey(world, world.owner, hold))).toBe('KeyNotFound');
  success(await transferKey(world, world.admin, { keyId, owner: world.owner.id }));
  success(await holdKey(world, world.owner, hold));
});

test('idempotency: a refusal that the release before stored counts as absent', async () => {
  const world = await openKeyWorld();
  const { keyId } = await world.issue();
  const rotation = { keyId, idempotencyKey };
  success(await rotateKey(world, world.owner, rotation));
  success(await confirmRotation(world, world.owner, { keyId }));
  const answer = { failure: 'RotationPending', code: 'ROTATION_PENDING', message: '', path: null, details: {} };
  await world.prisma.idempotencyRecord.updateMany({ data: { answer, sealed: null, secretId: null } });
  success(await rotateKey(world, world.owner, { ...rotation, gracePeriodMs: 0 }));
  expect((await world.key(keyId)).secrets).toHaveLength(3);
});

test('idempotency: requests that come at the same time and are refused get the same response', async () => {
  const world = await openKeyWorld();
  const { keyId } = await world.issue();
  success(await rotateKey(world, world.owner, { keyId }));
  const requests = Array.from({ length: 8 }, () => rotateKey(world, world.owner, { keyId, idempotencyKey }));
  const results = await Promise.all(requests);
  expect(results.map(failureOf)).toEqual(Array.from({ length: 8 }, () => 'RotationPending'));
  for (const result of results) expect(result).toEqual(results[0]);
});

test('idempotency: a result is retained for 30 days; then the key is a new request', async () => {
  const world = await openKeyWorld();
  const first = success(await issueKey(world, world.owner, { ...input, idempotencyKey }));
  world.clock.advance(30 * DAY_MS);
  const later = success(await issueKey(world, world.owner, { ...input, idempotencyKey }));
  expect(later.keyId).not.toBe(first.keyId);
});
