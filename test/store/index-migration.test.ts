import type { Client } from 'pg';
import { expect, inject, onTestFinished, test } from 'vitest';
import { draftMigration } from '../../prisma/draft-migration.ts';
import { createPgClient } from '../../src/store/connection.ts';
import { INDEX_MARKER, readIndexStatements } from '../../src/store/index-migration.ts';
import { migrate } from '../../src/store/migrate.ts';
import { MIGRATIONS_FOLDER, readMigrations } from '../../src/store/migration.ts';
import { emptyDatabase } from '../support/database.ts';
import { silent } from '../support/embedded-process.ts';
import { applyWithEngine, diagnoseWithEngine, SOUND_HISTORY, writeMigrations } from '../support/migrations.ts';

async function connect(connectionString: string): Promise<Client> {
  const client = createPgClient(connectionString);
  await client.connect();
  onTestFinished(() => client.end());
  return client;
}

async function listIndexes(client: Client) {
  const sql = `SELECT indexrelid::regclass::text AS name, indisvalid AS valid FROM pg_index
    WHERE indrelid = '"Row"'::regclass ORDER BY 1`;
  return (await client.query<{ name: string; valid: boolean }>(sql)).rows;
}

async function listAttempts(client: Client) {
  const { rows } = await client.query(`SELECT migration_name AS name, finished_at IS NOT NULL AS finished,
    rolled_back_at IS NOT NULL AS discarded, logs FROM _prisma_migrations ORDER BY started_at`);
  return rows;
}

const CREATE_ROWS =
  'CREATE TABLE "Row" (a int, b int); INSERT INTO "Row" SELECT i, i FROM generate_series(1, 100) AS i';

const indexes = `${INDEX_MARKER}
-- Rows are found by a; and by b.
CREATE INDEX CONCURRENTLY IF NOT EXISTS "Row_a_idx" ON "Row" (a);
CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS "Row_b_key"
  ON "Row" (b);
`;

const built = [
  { name: '"Row_a_idx"', valid: true },
  { name: '"Row_b_key"', valid: true },
];

/** A database with the table, and a folder with an index migration to come. */
async function prepare(script = indexes) {
  const database = await emptyDatabase();
  const folder = writeMigrations({ '1_rows': CREATE_ROWS });
  await migrate(database, { log: silent, folder });
  writeMigrations({ '2_indexes': script }, folder);
  return { database, folder, client: await connect(database) };
}

/** Waits until the migration has begun to create its index and waits for the writers before it. */
async function untilIndexWaits(client: Client): Promise<void> {
  const sql = `SELECT count(*)::int AS count FROM pg_stat_activity
    WHERE datname = current_database() AND query ~ 'CREATE INDEX' AND wait_event_type = 'Lock' AND pid <> pg_backend_pid()`;
  await expect.poll(async () => (await client.query(sql)).rows[0].count, { timeout: 20_000 }).toBe(1);
}

test('index migration: a writer is not blocked while an index is built, and a second node waits without a deadlock', async () => {
  const { database, folder, client } = await prepare();
  const earlier = await connect(database);
  await earlier.query('BEGIN; INSERT INTO "Row" VALUES (101, 101)');
  const nodes = Promise.all([migrate(database, { log: silent, folder }), migrate(database, { log: silent, folder })]);
  await untilIndexWaits(client);
  await client.query(`SET lock_timeout = '2s'`);
  await client.query('INSERT INTO "Row" VALUES (102, 102); UPDATE "Row" SET a = 0 WHERE b = 1');
  expect((await listAttempts(client)).at(-1)).toMatchObject({ name: '2_indexes', finished: false });
  await earlier.query('COMMIT');
  expect((await nodes).flat()).toEqual(['2_indexes']);
  expect(await listIndexes(client)).toEqual(built);
});

test('index migration: without the marker a writer is blocked while the index is built', async () => {
  const slowIndex = `
    CREATE FUNCTION slow(number int) RETURNS int IMMUTABLE LANGUAGE plpgsql
      AS $$ BEGIN PERFORM pg_sleep(0.02); RETURN number; END $$;
    CREATE INDEX "Row_a_idx" ON "Row" (slow(a));`;
  const { database, folder, client } = await prepare(slowIndex);
  const node = migrate(database, { log: silent, folder });
  const isBuilding = `SELECT count(*)::int AS count FROM pg_stat_activity
    WHERE datname = current_database() AND query ~ 'CREATE INDEX' AND wait_event = 'PgSleep'`;
  await expect.poll(async () => (await client.query(isBuilding)).rows[0].count).toBe(1);
  await client.query(`SET lock_timeout = '300ms'`);
  await expect(client.query('INSERT INTO "Row" VALUES (102, 102)')).rejects.toThrow(/lock timeout/);
  expect(await node).toEqual(['2_indexes']);
});

test('index migration: a failed one is repeated at the next start, and its invalid index is replaced', async () => {
  const { database, folder, client } = await prepare();
  await client.query('INSERT INTO "Row" VALUES (100, 100)');
  await expect(migrate(database, { log: silent, folder })).rejects.toThrow(
    /^The migration failed; fix the cause and start again, which repeats it: in 2_indexes: could not create unique index "Row_b_key"/,
  );
  expect(await listIndexes(client)).toEqual([built[0], { name: '"Row_b_key"', valid: false }]);
  expect((await listAttempts(client)).at(-1)).toEqual({
    name: '2_indexes',
    finished: false,
    discarded: false,
    logs: 'could not create unique index "Row_b_key"',
  });
  await client.query('DELETE FROM "Row" WHERE ctid = (SELECT max(ctid) FROM "Row")');
  expect(await migrate(database, { log: silent, folder })).toEqual(['2_indexes']);
  expect(await listIndexes(client)).toEqual(built);
  expect((await listAttempts(client)).slice(-2)).toEqual([
    { name: '2_indexes', finished: false, discarded: true, logs: 'could not create unique index "Row_b_key"' },
    { name: '2_indexes', finished: true, discarded: false, logs: null },
  ]);
  expect(await migrate(database, { log: silent, folder })).toEqual([]);
  expect(await diagnoseWithEngine(database, folder)).toEqual(SOUND_HISTORY);
  expect(await applyWithEngine(database, folder)).toEqual([]);
});

test('index migration: one that was interrupted before it was recorded as finished is repeated', async () => {
  const { database, folder, client } = await prepare();
  await migrate(database, { log: silent, folder });
  await client.query(`UPDATE _prisma_migrations SET finished_at = NULL WHERE migration_name = '2_indexes'`);
  expect(await migrate(database, { log: silent, folder })).toEqual(['2_indexes']);
  expect(await listIndexes(client)).toEqual(built);
});

test('index migration: an unfinished one whose script has changed is refused', async () => {
  const { database, folder, client } = await prepare();
  await migrate(database, { log: silent, folder });
  await client.query(`UPDATE _prisma_migrations SET finished_at = NULL WHERE migration_name = '2_indexes'`);
  writeMigrations({ '2_indexes': `${indexes}-- more` }, folder);
  await expect(migrate(database, { log: silent, folder })).rejects.toThrow(/2_indexes started .* did not finish/);
});

test('index migration: transactions before and after it are separate, and a failure names what stays', async () => {
  const database = await emptyDatabase();
  const scripts = { '1_rows': CREATE_ROWS, '2_indexes': indexes, '3_c': 'CREATE TABLE c (); SELECT 1 / 0' };
  const folder = writeMigrations(scripts);
  await expect(migrate(database, { log: silent, folder })).rejects.toThrow(
    /^The migration failed, and the database is unchanged since 2_indexes was applied: in 3_c: division by zero$/,
  );
  const client = await connect(database);
  expect(await listIndexes(client)).toEqual(built);
  expect((await client.query(`SELECT to_regclass('c') AS found`)).rows).toEqual([{ found: null }]);
  writeMigrations({ '3_c': 'CREATE TABLE c ()' }, folder);
  expect(await migrate(database, { log: silent, folder })).toEqual(['3_c']);
});

test('index migration: a statement that is not idempotent or blocks writers is refused before anything runs', async () => {
  const refused = [
    'CREATE INDEX IF NOT EXISTS x ON "Row" (a)',
    'CREATE INDEX CONCURRENTLY x ON "Row" (a)',
    'DROP TABLE "Row"',
  ];
  for (const statement of refused) {
    const script = `${indexes}${statement};`;
    expect(() => readIndexStatements({ name: '2_indexes', script })).toThrow(`found ${statement}; expected only`);
  }
  const database = await emptyDatabase();
  const folder = writeMigrations({ '1_rows': CREATE_ROWS, '2_indexes': `${INDEX_MARKER}\nDROP TABLE "Row"` });
  await expect(migrate(database, { log: silent, folder })).rejects.toThrow(/^Migration 2_indexes runs outside/);
  const client = await connect(database);
  expect((await client.query(`SELECT to_regclass('"Row"') AS found`)).rows).toEqual([{ found: null }]);
});

test('index migration: the tools of development run it too', async () => {
  const script = `${INDEX_MARKER}
CREATE INDEX CONCURRENTLY IF NOT EXISTS "Key_extra_idx" ON "Key" (name);
CREATE INDEX CONCURRENTLY IF NOT EXISTS "Key_more_idx" ON "Key" (name);`;
  const migrations = [...readMigrations(MIGRATIONS_FOLDER), { name: '99999999999999_indexes', script }];
  const draft = await draftMigration(inject('cluster').connectionString, migrations);
  expect(draft.match(/DROP INDEX "\w+"/g)).toEqual(['DROP INDEX "Key_extra_idx"', 'DROP INDEX "Key_more_idx"']);
});
