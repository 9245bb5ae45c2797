import { once } from 'node:events';
import { expect, onTestFinished, test } from 'vitest';
import { readDatabaseAddress } from '../../src/store/connection.ts';
import { openStore } from '../../src/store/prisma.ts';
import { freshDatabase } from '../support/database.ts';
import { silent } from '../support/embedded-process.ts';

async function open(connectionString?: string) {
  const store = openStore(connectionString ?? (await freshDatabase()), { poolSize: 3, log: silent });
  onTestFinished(() => store.close());
  return store;
}

const account = { id: 'a', email: 'a@example.com', name: 'A', passwordHash: '' };

test('store: an instant is read as it was written, whatever the time zone of the database', async () => {
  const database = await freshDatabase();
  const before = await open(database);
  await before.prisma.$executeRawUnsafe(
    `ALTER DATABASE ${new URL(database).pathname.slice(1)} SET timezone TO 'Asia/Kathmandu'`,
  );
  const { prisma } = await open(database);
  const createdAt = new Date('2026-03-29T01:30:00.123Z');
  await prisma.account.create({ data: { ...account, createdAt } });
  expect((await prisma.account.findUniqueOrThrow({ where: { id: 'a' } })).createdAt).toEqual(createdAt);
  expect(await prisma.$queryRaw`SELECT "createdAt" FROM "Account"`).toEqual([{ createdAt }]);
});

test('store: a dedicated connection receives notifications of the pool', async () => {
  const store = await open();
  const listener = store.openClient();
  await listener.connect();
  onTestFinished(() => listener.end());
  await listener.query('LISTEN events');
  const notification = once(listener, 'notification');
  await store.prisma.$executeRaw`SELECT pg_notify('events', '7')`;
  expect((await notification)[0]).toMatchObject({ channel: 'events', payload: '7' });
});

test('store: it opens at most the configured connections, and closes all of them', async () => {
  const database = await freshDatabase();
  const watcher = (await open(await freshDatabase())).prisma;
  const name = new URL(database).pathname.slice(1);
  const count = async () => {
    const [row] = await watcher.$queryRaw<
      [{ count: bigint }]
    >`SELECT count(*) FROM pg_stat_activity WHERE datname = ${name}`;
    return Number(row.count);
  };
  const store = openStore(database, { poolSize: 3, log: silent });
  const many = Promise.all(Array.from({ length: 12 }, () => store.prisma.$queryRaw`SELECT pg_sleep(0.02)::text`));
  await many;
  expect(await count()).toBe(3);
  await store.close();
  await expect.poll(count).toBe(0);
});

test('store: a transaction waits for a connection as long as a query does', async () => {
  const store = openStore(await freshDatabase(), { poolSize: 1, log: silent });
  onTestFinished(() => store.close());
  // Prisma's own limit is 2 s.
  const busy = store.prisma.$queryRaw`SELECT pg_sleep(2.5)::text`;
  expect(await store.prisma.$transaction(async (tx) => tx.account.count())).toBe(0);
  await busy;
});

test('store: a pool replaces connections that were cut', async () => {
  const warnings: string[] = [];
  const database = await freshDatabase();
  const log = { info() {}, warn: (message: string) => void warnings.push(message) };
  const store = openStore(database, { poolSize: 2, log });
  onTestFinished(() => store.close());
  await store.prisma.$queryRaw`SELECT 1`;
  const cutter = store.openClient();
  await cutter.connect();
  await cutter.query(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()`,
  );
  await cutter.end();
  await expect.poll(() => warnings.length).toBe(1);
  expect(await store.prisma.$queryRaw`SELECT 1 AS one`).toEqual([{ one: 1 }]);
});

test('store: concurrent test files each get their own database', async () => {
  const databases = await Promise.all(Array.from({ length: 10 }, () => freshDatabase()));
  expect(new Set(databases).size).toBe(10);
  const stores = await Promise.all(databases.map((database) => open(database)));
  const createdAt = new Date();
  for (const { prisma } of stores) await prisma.account.create({ data: { ...account, createdAt } });
});

test('connection: the operator’s options stay', () => {
  const address = readDatabaseAddress('postgresql://me:p%40ss@db/keytide?options=-c%20work_mem%3D8MB&sslmode=require');
  const url = new URL(address.url);
  expect(url.searchParams.get('options')).toBe('-c work_mem=8MB');
  expect(url.searchParams.get('sslmode')).toBe('require');
  expect(url.searchParams.get('application_name')).toBe('keytide');
  expect(url.password).toBe('p%40ss');
  expect([address.sets('work_mem'), address.sets('mem'), address.sets('statement_timeout')]).toEqual([
    true,
    false,
    false,
  ]);
});
