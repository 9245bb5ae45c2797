import { hash } from 'node:crypto';
import { expect, test } from 'vitest';
import { DAY_MS, HOUR_MS } from '../../../src/domain/duration.ts';
import { holdKey } from '../../../src/keys/hold.ts';
import { revokeKey } from '../../../src/keys/revoke.ts';
import { rotateKey } from '../../../src/keys/rotate.ts';
import { fillTable, type FillOptions } from '../../../src/keys/table/fill-table.ts';
import { KeyTable } from '../../../src/keys/table/key-table.ts';
import { loadSecrets } from '../../../src/keys/table/load-secrets.ts';
import type { StoredSecret } from '../../../src/verifier/stored-secret.ts';
import { openGateway } from '../../support/gateway.ts';
import { type KeyWorld, openKeyWorld, success, textOf } from '../../support/key-world.ts';

const digestOf = (secret: string) => hash('sha256', secret, 'hex');

function openTable(world: KeyWorld, capacity = 1_000): KeyTable {
  const freshness = { lagMs: () => 0, catchUp: async () => undefined };
  return new KeyTable(world, { freshness, capacity, onFailure: () => undefined });
}

async function fill(world: KeyWorld, table: KeyTable, options: Partial<FillOptions> = {}): Promise<void> {
  const connect = async () => {
    const client = world.store.openClient();
    await client.connect();
    return client;
  };
  await fillTable(table, {
    connect,
    clock: world.clock,
    head: () => 0n,
    signal: new AbortController().signal,
    ...options,
  });
}

/** Everything of a secret in memory, by the names of what is stored. */
function factsOf(table: KeyTable, stored: readonly StoredSecret[]): readonly object[] {
  const held = new Map(table.held().map((known) => [known.secretId, known]));
  return stored.map((each) =>
    Object.fromEntries(
      Object.keys(each).map((name) => [name, (held.get(each.secretId) as unknown as Record<string, unknown>)?.[name]]),
    ),
  );
}

test('table: it is filled with all secrets that can still verify, field by field as the database has them', async () => {
  const world = await openKeyWorld();
  const labels = [
    { name: 'team', value: 'a "quoted" \\N back\\slash' },
    { name: 'a', value: '鍵' },
  ];
  const plain = await world.issue({ labels, ask: { lifetimeMs: 30 * DAY_MS } });
  const rotated = await world.issue();
  const { delivery } = success(
    await rotateKey(world, world.owner, { keyId: rotated.keyId, gracePeriodMs: HOUR_MS } as never),
  );
  const held = await world.issue();
  success(await holdKey(world, world.owner, { keyId: held.keyId, reason: 'test' }));
  success(await holdKey(world, world.admin, { keyId: held.keyId, reason: 'test' }));
  const byUse = await world.issue();
  const odd = await world.issue();
  const names = ['\\N', 'tab\tline\nreturn\r\\', 'x'.repeat(100)];
  for (const [index, { keyId }] of [plain, byUse, odd].entries()) {
    await world.prisma.key.update({ where: { id: keyId }, data: { name: names[index]! } });
  }
  const past = new Date(world.clock.now().getTime() - 1);
  const end = (keyId: string, expiryBasis: 'HARD' | 'BY_USE') =>
    world.prisma.key.update({ where: { id: keyId }, data: { expiresAt: past, expiryBasis } });
  await end(byUse.keyId, 'BY_USE');
  const [expired, revoked, retired] = [await world.issue(), await world.issue(), await world.issue()];
  await end(expired.keyId, 'HARD');
  success(await revokeKey(world, world.admin, { keyId: revoked.keyId, reason: 'test' }));
  await world.prisma.secret.updateMany({ where: { keyId: retired.keyId }, data: { retiresAt: past } });

  const table = openTable(world);
  await fill(world, table);
  const good = [plain, rotated, held, byUse, odd].map(({ secret }) => secret);
  const stored = await loadSecrets(world, [...good, textOf(delivery)].map(digestOf));
  expect(stored.length).toBe(6);
  expect(factsOf(table, stored)).toEqual(stored);
  expect(table.size).toBe(6);

  for (const rangeSize of [1, 3, 8]) {
    const ranged = openTable(world);
    await fill(world, ranged, { rangeSize });
    expect(factsOf(ranged, stored)).toEqual(stored);
    expect(ranged.size).toBe(6);
  }
});

test('table: with more secrets than its capacity it is filled with those that were used most recently', async () => {
  const world = await openKeyWorld();
  const issued = [];
  for (let count = 0; count < 5; count += 1) issued.push(await world.issue());
  for (const [index, minutes] of [
    [0, 3],
    [2, 9],
    [3, 6],
    [4, 1],
  ] as const) {
    const lastUsedAt = new Date(world.clock.now().getTime() + minutes * 60_000);
    await world.prisma.secret.updateMany({ where: { keyId: issued[index]!.keyId }, data: { lastUsedAt } });
  }
  const table = openTable(world, 2);
  await fill(world, table);
  const known = issued.map(({ secret }) => table.recall(digestOf(secret)) !== undefined);
  expect(known).toEqual([false, false, true, true, false]);
});

test('table: it is not filled from a snapshot that is older than the log, nor without the database, and goes on on demand', async () => {
  const world = await openKeyWorld();
  const { secret } = await world.issue();
  const table = openTable(world);
  await expect(fill(world, table, { head: () => 1_000_000n })).rejects.toThrow('older than the log');
  const connect = async () => {
    throw new Error('the database is refused');
  };
  await expect(fill(world, table, { connect })).rejects.toThrow('refused');
  const cut = new AbortController();
  cut.abort();
  await fill(world, table, { signal: cut.signal });
  expect(table.size).toBe(0);
  expect(await table.load(digestOf(secret))).toMatchObject({ isHeld: false });
  await fill(world, table);
  expect(table.size).toBe(1);
});

test('table: a node that starts has the secrets in memory before they are asked about, and knows what changes', async () => {
  const world = await openKeyWorld();
  const [kept, revoked] = [await world.issue(), await world.issue()];
  const { services } = await openGateway({ database: world.database, clock: world.clock });
  const { keyTable } = services;
  await expect.poll(() => keyTable.size).toBe(2);
  success(await revokeKey(world, world.admin, { keyId: revoked.keyId, reason: 'test' }));
  await services.follower.catchUp();
  const known = keyTable.recall(digestOf(kept.secret));
  expect([known?.id, keyTable.recall(digestOf(revoked.secret))?.revokedAt ?? undefined]).toEqual([
    kept.keyId,
    undefined,
  ]);
  await expect.poll(() => keyTable.recall(digestOf(revoked.secret))?.revokedAt).toEqual(world.clock.now());
});
