import { expect, test } from 'vitest';
import { Prisma } from '../../prisma/generated/client/client.ts';
import { systemActor } from '../../src/domain/event.ts';
import type { EventDraft } from '../../src/domain/event-detail.ts';
import { append } from '../../src/log/append.ts';
import { change } from '../../src/log/change.ts';
import { readHead } from '../../src/log/head.ts';
import { makeBareKeys, touch } from '../support/bare-keys.ts';
import { openCore, type OpenCore } from '../support/core.ts';
import { untypedDraft } from '../support/untyped-draft.ts';
import { waitFor } from '../support/wait-for.ts';

function draft(core: OpenCore, name: string, keyId: string | null = null): EventDraft {
  return untypedDraft({ type: 'KEY_UPDATED', at: core.clock.now(), keyId, actor: systemActor, data: { name } });
}

async function readEvents(core: OpenCore): Promise<[bigint, unknown][]> {
  const events = await core.prisma.event.findMany({ orderBy: { position: 'asc' } });
  return events.map(({ position, data }) => [position, (data as { name: unknown }).name]);
}

test('append: events are in commit order, whichever change began first', async () => {
  const core = await openCore();
  const gate = Promise.withResolvers<void>();
  const opened = Promise.withResolvers<void>();
  const slow = change(core, async ({ tx, record }) => {
    record(draft(core, 'began first'));
    await tx.$queryRaw`SELECT 1`;
    opened.resolve();
    await gate.promise;
  });
  await opened.promise;
  await change(core, async ({ record }) => record(draft(core, 'began second')));
  expect(await readEvents(core)).toEqual([[1n, 'began second']]);
  gate.resolve();
  await slow;
  expect(await readEvents(core)).toEqual([
    [1n, 'began second'],
    [2n, 'began first'],
  ]);
});

test('append: the events of one change are adjacent, in the order in which they were recorded', async () => {
  const core = await openCore();
  await change(core, async ({ record }) => {
    record(draft(core, 'a'), draft(core, 'b'));
    record(draft(core, 'c'));
  });
  expect(await readEvents(core)).toEqual([
    [1n, 'a'],
    [2n, 'b'],
    [3n, 'c'],
  ]);
});

test('append: a failed change leaves neither an event nor a gap, whether it fails before or after the append', async () => {
  const core = await openCore();
  const [keyId = ''] = await makeBareKeys(core, 1);
  const before = change(core, async ({ tx, record }) => {
    await touch(tx, keyId);
    record(draft(core, 'never'));
    throw new Error('no');
  });
  await expect(before).rejects.toThrow('no');
  const after = core.prisma.$transaction(async (tx) => {
    await touch(tx, keyId);
    await append(core, tx, [draft(core, 'never'), draft(core, 'never')]);
    throw new Error('no');
  });
  await expect(after).rejects.toThrow('no');
  expect(await readHead(core)).toBe(0n);
  await change(core, async ({ record }) => record(draft(core, 'first')));
  expect(await readEvents(core)).toEqual([[1n, 'first']]);
  expect((await core.prisma.key.findUniqueOrThrow({ where: { id: keyId } })).lifetimeMs).toBe(0n);
});

test('append: an event that cannot be written rolls back its change', async () => {
  const core = await openCore();
  const [keyId = ''] = await makeBareKeys(core, 1);
  const failing = change(core, async ({ tx, record }) => {
    await touch(tx, keyId);
    record(draft(core, 'what no text may hold: \u0000'));
  });
  await expect(failing).rejects.toMatchObject({ code: 'P2010' });
  expect((await core.prisma.key.findUniqueOrThrow({ where: { id: keyId } })).lifetimeMs).toBe(0n);
  expect(await readHead(core)).toBe(0n);
});

test('append: a change without events takes no position and waits for no other change', async () => {
  const core = await openCore();
  const [keyId = ''] = await makeBareKeys(core, 1);
  await core.prisma.$transaction(async (tx) => {
    await append(core, tx, [draft(core, 'holds the position')]);
    await change(core, async (other) => touch(other.tx, keyId));
  });
  expect(await readEvents(core)).toEqual([[1n, 'holds the position']]);
});

test('append: concurrent changes wait for each other and none fails, whatever the default isolation level', async () => {
  const first = await openCore();
  const name = new URL(first.database).pathname.slice(1);
  await first.prisma.$executeRawUnsafe(`ALTER DATABASE ${name} SET default_transaction_isolation TO 'repeatable read'`);
  const core = await openCore({ database: first.database });
  const changes = Array.from({ length: 8 }, (_, index) =>
    change(core, async ({ tx, record }) => {
      await tx.$queryRaw`SELECT 1 FROM "LogHead"`;
      record(draft(core, String(index)));
    }),
  );
  await Promise.all(changes);
  expect((await readEvents(core)).map(([position]) => position)).toEqual([1n, 2n, 3n, 4n, 5n, 6n, 7n, 8n]);
});

test('change: a failed post-commit task is reported to the node, and the caller still gets its result', async () => {
  const missed: unknown[] = [];
  const core = await openCore();
  const done: string[] = [];
  const answer = await change(
    { ...core, onPostCommitError: (error: unknown) => missed.push(error) },
    async ({ afterCommit }) => {
      afterCommit(() => Promise.reject(new Error('not now')));
      afterCommit(async () => void done.push('next'));
      return 'changed';
    },
  );
  expect([answer, done, missed]).toEqual(['changed', ['next'], [new Error('not now')]]);
});

test('append: a change that waits for a row that it writes last holds up no other change', async () => {
  const core = await openCore();
  const [keyId = ''] = await makeBareKeys(core, 1);
  const gate = Promise.withResolvers<void>();
  const locked = Promise.withResolvers<void>();
  const holder = change(core, async ({ tx }) => {
    await tx.$queryRaw`SELECT 1 FROM "Key" WHERE id = ${keyId} FOR NO KEY UPDATE`;
    locked.resolve();
    await gate.promise;
  });
  await locked.promise;
  const waiting = change(core, async ({ rows, record }) => {
    rows.update('Key', { id: keyId, name: 'renamed' });
    record(draft(core, 'waited'));
  });
  await waitFor(async () => {
    const [{ count }] = await core.prisma.$queryRaw<[{ count: bigint }]>`
      SELECT count(*) FROM pg_locks WHERE NOT granted AND pid <> pg_backend_pid()`;
    expect(count).toBe(1n);
  });
  await change(core, async ({ record }) => record(draft(core, 'passed')));
  gate.resolve();
  await Promise.all([holder, waiting]);
  expect(await readEvents(core)).toEqual([
    [1n, 'passed'],
    [2n, 'waited'],
  ]);
  expect(await core.prisma.key.findUniqueOrThrow({ where: { id: keyId } })).toMatchObject({ name: 'renamed' });
});

test('append: rows that changes at the same time write last are all written, once, and positions have no gap', async () => {
  const core = await openCore();
  const ids = await makeBareKeys(core, 20);
  const label = (keyId: string, name: string) => ({ keyId, name, value: 'one' });
  await Promise.all(
    ids.map((id, index) =>
      change(core, async ({ rows, record }) => {
        rows.insert('Label', label(id, 'first'));
        rows.update('Key', { id, name: `key ${index}`, renewalCount: undefined });
        rows.add((after) => Prisma.sql`DELETE FROM "Label" WHERE "keyId" = ${id} AND name = 'old' AND ${after}`);
        rows.update('Key', { id, renewalCount: 1 });
        rows.insert('Label', label(id, 'second'));
        record(draft(core, `event ${index}`, id));
      }),
    ),
  );
  const events = await core.prisma.event.findMany({ orderBy: { position: 'asc' } });
  expect(events.map(({ position }) => position)).toEqual(ids.map((_, index) => BigInt(index + 1)));
  const keys = await core.prisma.key.findMany({ where: { id: { in: [...ids] } }, include: { labels: true } });
  const written = keys.map(({ id, name, renewalCount, labels }) => ({ id, name, renewalCount, labels: labels.length }));
  const expected = ids.map((id, index) => ({ id, name: `key ${index}`, renewalCount: 1, labels: 2 }));
  const byId = (one: { id: string }, other: { id: string }) => (one.id < other.id ? -1 : 1);
  expect(written.toSorted(byId)).toEqual(expected.toSorted(byId));
});

test('append: rows that a change without an event writes last are written, in the order of the calls', async () => {
  const core = await openCore();
  const [keyId = ''] = await makeBareKeys(core, 1);
  const labels = async () => (await core.prisma.label.findMany()).map(({ name, value }) => `${name}=${value}`);
  await change(core, async ({ rows }) => rows.insert('Label', { keyId, name: 'env', value: 'test' }));
  expect(await labels()).toEqual(['env=test']);
  await change(core, async ({ rows }) => {
    rows.add((after) => Prisma.sql`DELETE FROM "Label" WHERE "keyId" = ${keyId} AND ${after}`);
    rows.insert('Label', { keyId, name: 'env', value: 'live' });
  });
  expect(await labels()).toEqual(['env=live']);
  expect(await readEvents(core)).toEqual([]);
});
