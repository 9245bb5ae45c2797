import { expect, onTestFinished, test } from 'vitest';
import { createPgClient } from '../../src/store/connection.ts';
import { migrate } from '../../src/store/migrate.ts';
import { emptyDatabase } from '../support/database.ts';
import { silent } from '../support/embedded-process.ts';
import { writeMigrations } from '../support/migrations.ts';

async function connect(connectionString: string) {
  const client = createPgClient(connectionString);
  await client.connect();
  onTestFinished(() => client.end());
  return client;
}

/** A database with two tables, and a migration of both, which a transaction is in the way of. */
async function openWorld(script: string) {
  const database = await emptyDatabase();
  const folder = writeMigrations({
    '1_first': 'CREATE TABLE "A" (n int); CREATE TABLE "B" (n int); CREATE INDEX "B_n" ON "B" (n)',
  });
  await migrate(database, { log: silent, folder });
  const [writer, observer] = [await connect(database), await connect(database)];
  await writer.query('BEGIN; INSERT INTO "B" VALUES (1)');
  writeMigrations({ '2_second': script }, folder);
  const warnings: string[] = [];
  const log = { info() {}, warn: (message: string) => void warnings.push(message) };
  const migrated = migrate(database, { log, folder });
  // The migration has the lock of A, and waits for that of B.
  const isBlocked = async () => {
    const sql = `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`;
    return (await observer.query(sql)).rowCount === 1;
  };
  return {
    writer,
    observer,
    migrated,
    warnings,
    isBlocked,
    waitUntilBlocked: () => expect.poll(isBlocked, { interval: 5 }).toBe(true),
  };
}

test.each([
  ['columns', 'ALTER TABLE "A" ADD COLUMN m int; ALTER TABLE "B" ADD COLUMN m int'],
  ['a foreign key', 'CREATE UNIQUE INDEX ON "A" (n); ALTER TABLE "B" ADD FOREIGN KEY (n) REFERENCES "A" (n)'],
  ['the end of an index', 'DROP INDEX "B_n"; ALTER TABLE "A" ADD COLUMN m int'],
  ['an index', 'CREATE INDEX ON "A" (n); ALTER TABLE "B" ADD COLUMN m int'],
])('migrate: for %s it gives way to a transaction with which it would deadlock', async (_, script) => {
  const { writer, observer, migrated, waitUntilBlocked } = await openWorld(script);
  await waitUntilBlocked();
  await writer.query('INSERT INTO "A" VALUES (1)');
  await writer.query('COMMIT');
  expect(await migrated).toEqual(['2_second']);
  const { rows } = await observer.query('SELECT (SELECT count(*)::int FROM "A") a, (SELECT count(*)::int FROM "B") b');
  expect(rows).toEqual([{ a: 1, b: 1 }]);
});

test.each([
  ['a migration changes', 'ALTER TABLE "A" ADD COLUMN m int; ALTER TABLE "B" ADD COLUMN m int'],
  ['a migration drops an index of', 'DROP INDEX "B_n"'],
])('migrate: while a long transaction has a table that %s, others read and write all tables', async (_, script) => {
  const { writer, observer, migrated, waitUntilBlocked } = await openWorld(script);
  await observer.query(`SET statement_timeout = '5s'`);
  for (let round = 0; round < 2; round++) {
    await waitUntilBlocked();
    await observer.query('INSERT INTO "A" VALUES (2); INSERT INTO "B" VALUES (2)');
  }
  await writer.query('COMMIT');
  expect(await migrated).toEqual(['2_second']);
});
