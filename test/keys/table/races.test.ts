import { hash } from 'node:crypto';
import { expect, test } from 'vitest';
import { MINUTE_MS } from '../../../src/domain/duration.ts';
import { newSecret } from '../../../src/domain/secret.ts';
import { holdKey } from '../../../src/keys/hold.ts';
import { issueKey } from '../../../src/keys/issue.ts';
import { resumeKey } from '../../../src/keys/resume.ts';
import { revokeKey } from '../../../src/keys/revoke.ts';
import { KeyTable, REFRESH_MS } from '../../../src/keys/table/key-table.ts';
import { PUSH, success, textOf } from '../../support/key-world.ts';
import { openTwoNodes } from './two-nodes.ts';

const reason = 'test';

test('table: a read that began before a change leaves no old copy', async () => {
  const { world, nodes } = await openTwoNodes();
  const [near, far] = nodes;
  const { keyId, secret } = await world.issue();
  // The far node has read the key and gets the rows only after it has heard of the revocation.
  const end = await far.delayRead(() => far.ask(secret, null));
  success(await revokeKey(near.core, world.admin, { keyId, reason }));
  await far.catchUp();
  await end();
  expect(far.table.held()).toEqual([]);
  expect(await far.ask(secret, null)).toBe('KEY_REVOKED');
});

test('table: a node’s own change is not undone by a read that began before it', async () => {
  const { world, nodes } = await openTwoNodes();
  const [node] = nodes;
  const { keyId, secret } = await world.issue();
  node.cut(false);
  const end = await node.delayRead(() => node.ask(secret, null));
  success(await holdKey(node.core, world.admin, { keyId, reason }));
  await end();
  expect(await node.ask(secret, null)).toBe('KEY_HELD');
});

test('table: a request that comes after a change is not answered from a read that began before it', async () => {
  const { world, nodes } = await openTwoNodes();
  const [near, far] = nodes;
  const { keyId, secret } = await world.issue();
  success(await holdKey(near.core, world.admin, { keyId, reason }));
  far.cut(false);
  const end = await far.delayRead(() => far.ask(secret, null));
  success(await resumeKey(near.core, world.admin, { keyId }));
  const later = far.ask(secret, null);
  expect([await end(), await later]).toEqual(['KEY_HELD', 'VALID']);
});

test('table: a secret that is issued while it is read as unknown is valid at once', async () => {
  const { world, nodes } = await openTwoNodes();
  const [near, far] = nodes;
  for (const hears of [true, false]) {
    const bytes = world.random(32);
    const secret = newSecret(() => bytes).reveal();
    if (!hears) far.cut(false);
    const end = await far.delayRead(() => far.ask(secret, null));
    const random = (size: number) => (size === bytes.length ? bytes : world.random(size));
    const input = { realm: 'default', name: 'k', scopes: [PUSH], labels: [], ask: null };
    expect(textOf(success(await issueKey({ ...near.core, random }, world.owner, input)).delivery)).toBe(secret);
    if (hears) await far.catchUp();
    const later = far.ask(secret, null);
    expect([await end(), await later]).toEqual(['KEY_UNKNOWN', 'VALID']);
    expect(far.table.isUnknown(hash('sha256', secret, 'hex'))).toBe(false);
  }
});

test('table: a change that a node of the release before did not note is known after 20 minutes at most', async () => {
  const { world, nodes } = await openTwoNodes();
  const [node] = nodes;
  const secrets = [await world.issue(), await world.issue()];
  await node.catchUp();
  for (const { secret } of secrets) expect(await node.ask(secret, null)).toBe('VALID');
  const expiresAt = new Date(world.clock.now().getTime() + MINUTE_MS);
  await world.prisma.key.updateMany({ data: { expiresAt, expiryBasis: 'HARD', stopsAt: expiresAt } });
  const travel = async (ms: number) => {
    world.clock.advance(ms);
    await node.catchUp();
  };
  await travel(REFRESH_MS + 1);
  // It is read again when it is used; this use is still answered from memory.
  expect(await node.ask(secrets[0]!.secret, null)).toBe('VALID');
  await expect.poll(() => node.ask(secrets[0]!.secret, null)).toBe('KEY_EXPIRED');
  await travel(REFRESH_MS);
  expect(await node.ask(secrets[1]!.secret, null)).toBe('KEY_EXPIRED');
});

test('table: it holds at most as many secrets as its capacity, and those in use stay', async () => {
  const { world } = await openTwoNodes();
  const freshness = { lagMs: () => 0, catchUp: async () => undefined };
  const table = new KeyTable(world, { freshness, capacity: 3, onFailure: () => undefined });
  const digests = [];
  for (let count = 0; count < 6; count += 1) digests.push(hash('sha256', (await world.issue()).secret, 'hex'));
  for (const digest of digests) {
    expect(await table.load(digest)).toMatchObject({ isHeld: false });
    expect(table.recall(digests[0]!)).toBeDefined();
    expect(table.size).toBeLessThanOrEqual(3);
  }
  table.clear();
  expect([table.size, table.recall(digests[0]!)]).toEqual([0, undefined]);
});
