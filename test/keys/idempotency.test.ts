import { expect, test } from 'vitest';
import { DAY_MS } from '../../src/domain/duration.ts';
import { holdKey } from '../../src/keys/hold.ts';
import { issueKey, type IssueKeyInput } from '../../src/keys/issue.ts';
import { revokeKey } from '../../src/keys/revoke.ts';
import { rotateKey } from '../../src/keys/rotate.ts';
import { transferKey } from '../../src/keys/transfer.ts';
import { updateKey } from '../../src/keys/update.ts';
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

test('idempotency: the result of a failure is retained, an error of the request is not', async () => {
  const world = await openKeyWorld();
  const { keyId } = await world.issue();
  const refused = { keyId, scopes: [{ ...PUSH, resource: '**' }], idempotencyKey };
  const first = await updateKey(world, world.owner, refused);
  expect(failureOf(first)).toBe('ScopeNotAllowed');
  await world.prisma.key.update({ where: { id: keyId }, data: { scopes: refused.scopes } });
  expect(await updateKey(world, world.owner, refused)).toEqual(first);

  const tooLong = { keyId, reason: 'x'.repeat(100_000), idempotencyKey: 'another' };
  await expect(revokeKey(world, world.owner, tooLong)).rejects.toMatchObject({ code: 'BAD_USER_INPUT' });
  success(await revokeKey(world, world.owner, { ...tooLong, reason: 'leaked' }));
});

test('idempotency: the instants of a retained failure are restored', async () => {
  const world = await openKeyWorld();
  const ask = { lifetimeMs: 1000 * DAY_MS };
  const first = await issueKey(world, world.owner, { ...input, ask, idempotencyKey });
  expect(await issueKey(world, world.owner, { ...input, ask, idempotencyKey })).toEqual(first);
});

test('idempotency: a result is retained for 30 days; then the key is a new request', async () => {
  const world = await openKeyWorld();
  const first = success(await issueKey(world, world.owner, { ...input, idempotencyKey }));
  world.clock.advance(30 * DAY_MS);
  const later = success(await issueKey(world, world.owner, { ...input, idempotencyKey }));
  expect(later.keyId).not.toBe(first.keyId);
});
