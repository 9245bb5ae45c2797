import { expect, onTestFinished, test } from 'vitest';
import { createPgClient } from '../../src/store/connection.ts';
import { buildIndex, isIndexMigration, readIndexStatements } from '../../src/store/index-migration.ts';
import { findTables } from '../../src/store/lock-tables.ts';
import { MIGRATIONS_FOLDER, readMigrations } from '../../src/store/migration.ts';
import { emptyDatabase } from '../support/database.ts';
import { recorded } from './recorded-database.ts';

const migrations = readMigrations(MIGRATIONS_FOLDER);

const released = new Set(
  recorded.tables['_prisma_migrations']!.map((row) => (JSON.parse(row) as { migration_name: string }).migration_name),
);
/** The migrations that the release before does not have: its nodes serve while they run. */
const since = new Set(migrations.map(({ name }) => name).filter((name) => !released.has(name)));

/** Locks that make writers of a table wait. Such a lock that is taken late, one by one, can deadlock with them. */
const BLOCKING = ['ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock'];

test('migrations: each table of which a migration blocks the writers is locked when its transaction begins', async () => {
  const client = createPgClient(await emptyDatabase());
  await client.connect();
  onTestFinished(() => client.end());
  const unlocked: string[] = [];
  let lockCount = 0;
  for (const migration of migrations) {
    if (isIndexMigration(migration)) {
      for (const statement of readIndexStatements(migration)) await buildIndex(client, statement);
      continue;
    }
    const locked = await findTables(client, [migration.script]);
    const { rows: existing } = await client.query<{ oid: number }>(
      `SELECT oid FROM pg_class WHERE relkind IN ('r', 'p')`,
    );
    await client.query('BEGIN');
    await client.query(migration.script);
    const { rows } = await client.query<{ name: string }>(
      `SELECT DISTINCT relname AS name FROM pg_locks JOIN pg_class t ON t.oid = relation
       WHERE pid = pg_backend_pid() AND mode = ANY($1) AND t.oid = ANY($2) AND NOT relispartition
         AND relnamespace = 'public'::regnamespace ORDER BY 1`,
      [BLOCKING, existing.map(({ oid }) => oid)],
    );
    await client.query('COMMIT');
    if (!since.has(migration.name)) continue;
    lockCount += rows.length;
    unlocked.push(...rows.filter(({ name }) => !locked.includes(name)).map(({ name }) => `${migration.name}: ${name}`));
  }
  expect(unlocked).toEqual([]);
  expect(lockCount).toBeGreaterThan(10);
});

test('migrations: none since the release before rewrites rows: all its nodes would wait until it ends', () => {
  const scripts = migrations.filter(({ name }) => since.has(name)).map(({ name, script }) => [name, script] as const);
  const rewriting = scripts.filter(([, script]) => /^\s*(UPDATE|DELETE|MERGE|WITH)\b/im.test(script));
  expect(rewriting.map(([name]) => name)).toEqual([]);
  expect(scripts.length).toBeGreaterThan(0);
});
