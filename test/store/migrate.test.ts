import { hash } from 'node:crypto';
import { expect, onTestFinished, test } from 'vitest';
import { createPgClient } from '../../src/store/connection.ts';
import { migrate } from '../../src/store/migrate.ts';
import { MIGRATIONS_FOLDER, readMigrations } from '../../src/store/migration.ts';
import { StoreError } from '../../src/store/store-error.ts';
import { emptyDatabase, freshDatabase } from '../support/database.ts';
import { openCore } from '../support/core.ts';
import { silent } from '../support/embedded-process.ts';
import { listPartitionsOf, recordEvents, maintainPartitions } from '../support/log.ts';
import { applyWithEngine, diagnoseWithEngine, SOUND_HISTORY, writeMigrations } from '../support/migrations.ts';

const released = readMigrations(MIGRATIONS_FOLDER).map(({ name }) => name);

async function connect(connectionString: string) {
  const client = createPgClient(connectionString);
  await client.connect();
  onTestFinished(() => client.end());
  return client;
}

async function listTables(connectionString: string): Promise<string[]> {
  const sql = `SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' ORDER BY 1`;
  return (await (await connect(connectionString)).query(sql)).rows.map((row) => row.relname);
}

test('migrate: of ten concurrent nodes one migrates, and all return with the database migrated', async () => {
  const database = await emptyDatabase();
  const applied = await Promise.all(Array.from({ length: 10 }, () => migrate(database, { log: silent })));
  expect(applied.flat()).toEqual(released);
  expect(await listTables(database)).toContain('Key');
});

async function describeHistoryTable(connectionString: string) {
  const sql = `SELECT attname, format_type(atttypid, atttypmod) AS type, attnotnull, pg_get_expr(adbin, adrelid) AS fallback,
      EXISTS (SELECT FROM pg_index WHERE indrelid = attrelid AND indisprimary AND attnum = ANY (indkey)) AS is_primary
    FROM pg_attribute LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
    WHERE attrelid = '_prisma_migrations'::regclass AND attnum > 0 ORDER BY attnum`;
  return (await (await connect(connectionString)).query(sql)).rows;
}

test('migrate: the history is standard: Prisma finds nothing to do and nothing wrong', async () => {
  const database = await freshDatabase();
  expect(await diagnoseWithEngine(database)).toEqual(SOUND_HISTORY);
  expect(await applyWithEngine(database)).toEqual([]);
});

test("migrate: a database that Prisma's engine migrated is accepted, and its table of migrations is the same", async () => {
  const database = await emptyDatabase();
  expect(await applyWithEngine(database)).toEqual(released);
  expect(await migrate(database, { log: silent })).toEqual([]);
  expect(await describeHistoryTable(database)).toEqual(await describeHistoryTable(await freshDatabase()));
});

test("migrate: Prisma's engine and Keytide continue after each other", async () => {
  const database = await emptyDatabase();
  const folder = writeMigrations({ '1_a': 'CREATE TABLE a ()' });
  expect(await applyWithEngine(database, folder)).toEqual(['1_a']);
  writeMigrations({ '2_b': 'CREATE TABLE b ()', '3_c': 'CREATE TABLE c ()' }, folder);
  expect(await migrate(database, { log: silent, folder })).toEqual(['2_b', '3_c']);
  writeMigrations({ '4_d': 'CREATE TABLE d ()' }, folder);
  expect(await applyWithEngine(database, folder)).toEqual(['4_d']);
  expect(await migrate(database, { log: silent, folder })).toEqual([]);
  expect(await diagnoseWithEngine(database, folder)).toEqual(SOUND_HISTORY);
});

test('migrate: each migration is recorded with its checksum, one step, and the order in which it ran', async () => {
  const client = await connect(await freshDatabase());
  const { rows } = await client.query('SELECT * FROM _prisma_migrations ORDER BY started_at');
  expect(rows.map((row) => row.migration_name)).toEqual(released);
  for (const [position, row] of rows.entries()) {
    expect(row).toMatchObject({ logs: null, rolled_back_at: null, applied_steps_count: 1 });
    expect(row.id).toMatch(/^[0-9a-f-]{36}$/);
    expect(row.checksum).toBe(hash('sha256', readMigrations(MIGRATIONS_FOLDER)[position]?.script ?? ''));
    expect(row.finished_at.getTime()).toBeGreaterThanOrEqual(row.started_at.getTime());
  }
});

test('migrate: an up-to-date database is not waited for, even while the lock is held', async () => {
  const database = await freshDatabase();
  await (await connect(database)).query('SELECT pg_advisory_lock(72707369)');
  expect(await migrate(database, { log: silent })).toEqual([]);
});

test('migrate: new migrations are applied after the existing ones, in order of names', async () => {
  const database = await emptyDatabase();
  const folder = writeMigrations({ '1_a': 'CREATE TABLE a ()' });
  expect(await migrate(database, { log: silent, folder })).toEqual(['1_a']);
  writeMigrations({ '3_c': 'DROP TABLE b', '2_b': 'CREATE TABLE b ()' }, folder);
  expect(await migrate(database, { log: silent, folder })).toEqual(['2_b', '3_c']);
  expect(await listTables(database)).toEqual(['_prisma_migrations', 'a']);
});

test('migrate: a script runs as a whole, wherever its semicolons are', async () => {
  const database = await emptyDatabase();
  const script = `-- first; second
    CREATE FUNCTION answer() RETURNS text LANGUAGE plpgsql AS $$ BEGIN RETURN 'a;b'; END; $$;
    CREATE TABLE answers AS SELECT answer() AS value;`;
  await migrate(database, { log: silent, folder: writeMigrations({ '1_a': script }) });
  expect((await (await connect(database)).query('SELECT value FROM answers')).rows).toEqual([{ value: 'a;b' }]);
});

test('migrate: a failed migration leaves the database unchanged, and can be repeated', async () => {
  const database = await emptyDatabase();
  const folder = writeMigrations({ '1_a': 'CREATE TABLE a ()', '2_b': 'CREATE TABLE b (); SELECT 1 / 0' });
  const failed = migrate(database, { log: silent, folder });
  await expect(failed).rejects.toThrow(StoreError);
  await expect(failed).rejects.toThrow(/The migration failed, and the database is unchanged: in 2_b: division by zero/);
  expect(await listTables(database)).toEqual([]);
  writeMigrations({ '2_b': 'CREATE TABLE b ()' }, folder);
  expect(await migrate(database, { log: silent, folder })).toEqual(['1_a', '2_b']);
});

test('migrate: a connection lost half way leaves the database unchanged', async () => {
  const database = await emptyDatabase();
  const cut = `CREATE TABLE a (); SELECT pg_terminate_backend(pg_backend_pid())`;
  const folder = writeMigrations({ '1_a': cut });
  await expect(migrate(database, { log: silent, folder })).rejects.toThrow(
    /The migration failed, and the database is unchanged/,
  );
  expect(await listTables(database)).toEqual([]);
});

test('migrate: a database migrated by a newer version is refused', async () => {
  const database = await freshDatabase();
  const client = await connect(database);
  await client.query(`INSERT INTO _prisma_migrations (id, checksum, migration_name, finished_at)
    VALUES ('x', 'x', '29991231000000_later', now())`);
  const refused = migrate(database, { log: silent });
  await expect(refused).rejects.toThrow(StoreError);
  await expect(refused).rejects.toThrow(/newer Keytide .* 29991231000000_later/);
});

test('migrate: an applied migration whose script has changed is refused', async () => {
  const database = await emptyDatabase();
  const folder = writeMigrations({ '1_a': 'CREATE TABLE a ()' });
  await migrate(database, { log: silent, folder });
  writeMigrations({ '1_a': 'CREATE TABLE a (id int)' }, folder);
  await expect(migrate(database, { log: silent, folder })).rejects.toThrow(/The script of migration 1_a differs/);
});

test('migrate: a migration left unfinished by another tool is refused with a remedy, which works', async () => {
  const database = await emptyDatabase();
  const folder = writeMigrations({ '1_a': 'CREATE TABLE a ()' });
  await migrate(database, { log: silent, folder });
  const client = await connect(database);
  await client.query('DROP TABLE a; UPDATE _prisma_migrations SET finished_at = NULL');
  const refusal = await migrate(database, { log: silent, folder }).catch((error: Error) => error.message);
  expect(refusal).toMatch(/The migration 1_a started on this database and did not finish/);
  await client.query(/UPDATE .*$/.exec(String(refusal))?.[0] ?? '');
  expect(await migrate(database, { log: silent, folder })).toEqual(['1_a']);
});

test('migrate: a database of another application is refused and left unchanged', async () => {
  const database = await emptyDatabase();
  await (await connect(database)).query('CREATE TABLE theirs ()');
  await expect(migrate(database, { log: silent })).rejects.toThrow(
    /database schema is not empty.* \(found theirs\): give Keytide a database/,
  );
  expect(await listTables(database)).toEqual(['theirs']);
});

test('migrate: an unreachable database is reported without its password', async () => {
  const failed = migrate('postgresql://me:hushhush@localhost:1/keytide', { log: silent });
  await expect(failed).rejects.toThrow(StoreError);
  await expect(failed).rejects.toThrow(/^The database cannot be reached: .*ECONNREFUSED/);
  await expect(failed).rejects.not.toThrow(/hushhush/);
});

test('migrate: an unpartitioned log becomes the first partition, with all of its events, and appends go on', async () => {
  const database = await emptyDatabase();
  const isEarlier = ({ name }: { name: string }) => name < '20261125500000_log_partitions';
  const earlier = readMigrations(MIGRATIONS_FOLDER).filter(isEarlier);
  const folder = writeMigrations(Object.fromEntries(earlier.map(({ name, script }) => [name, script])));
  await migrate(database, { log: silent, folder });
  const client = await connect(database);
  await client.query(`INSERT INTO "Event" (position, id, type, at, "recordedAt", "actorKind", data)
    SELECT i, 'event_' || i, 'REALM_UPDATED', now(), now(), 'SYSTEM', jsonb_build_object('number', i) FROM generate_series(1, 1200) AS i`);
  await client.query('UPDATE "LogHead" SET position = 1200');
  const { rows: before } = await client.query('SELECT * FROM "Event" ORDER BY position');
  await migrate(database, { log: silent });
  expect((await client.query('SELECT * FROM "Event" ORDER BY position')).rows).toEqual(before);
  const core = await openCore({ database });
  await recordEvents(core, {});
  await maintainPartitions(core, 1_000_000, null);
  expect((await client.query('SELECT max(position) FROM "Event"')).rows).toEqual([{ max: '1201' }]);
  expect((await listPartitionsOf(core)).slice(0, 2)).toEqual([
    'Event_1 FROM 1 TO 1000001',
    'Event_1000001 FROM 1000001 TO 2000001',
  ]);
});
