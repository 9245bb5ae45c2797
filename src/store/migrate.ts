import type { MigrationList } from '@prisma/schema-engine-wasm/schema_engine_bg';
import { Pool } from 'pg';
import { prepareConnection } from './connection.ts';
import type { Logger } from './logger.ts';
import {
  findPendingMigrations,
  type Migration,
  MIGRATIONS_FOLDER,
  readMigrationHistory,
  readMigrations,
} from './migration-history.ts';
import { listMigrations } from './migration-list.ts';
import { StoreError } from './store-error.ts';

/** `server_version_num` of the oldest PostgreSQL that Keytide runs on. */
const OLDEST_VERSION = 150_000;

/** The advisory lock that Prisma's own tools take to migrate, so that those are kept out too. */
const LOCK_KEY = 72_707_369;

export interface MigrateOptions {
  readonly log: Logger;
  /** Where the migrations are, when not in prisma/migrations. */
  readonly folder?: string;
}

/**
 * Brings a database up to this version and returns the names of the migrations that it took, none when it was. Any number
 * of nodes may do so at once: one does, the others wait.
 *
 * All that is pending is one transaction: whatever stops it half way, the database is as it was. The table
 * `_prisma_migrations` is the standard one, kept by Prisma's own engine.
 *
 * Throws a StoreError when the database cannot be reached, is older than PostgreSQL 15, has a history that is not this
 * version's (see findPending), or when a migration fails.
 */
export async function migrate(
  connectionString: string,
  { log, folder = MIGRATIONS_FOLDER }: MigrateOptions,
): Promise<string[]> {
  const pool = new Pool({ connectionString: prepareConnection(connectionString), connectionTimeoutMillis: 10_000 });
  const database = await pool.connect().catch((error: unknown) => {
    throw new StoreError(`The database cannot be reached: ${describeError(error)}`, { cause: error });
  });
  database.on('error', (error) => log.warn(`The connection for migrations was lost: ${error.message}`));
  try {
    await checkVersion(database);
    const migrations = readMigrations(folder);
    if (findPendingMigrations(migrations, await readMigrationHistory(database)).length === 0) return [];
    await database.query(
      'SET statement_timeout = 0; SET lock_timeout = 0; SET idle_in_transaction_session_timeout = 0',
    );
    await database.query('SELECT pg_advisory_lock($1)', [LOCK_KEY]);
    if (findPendingMigrations(migrations, await readMigrationHistory(database)).length === 0) return [];
    // The engine takes a pool: this one gives it the connection that has the lock, and none besides.
    pool.query = database.query.bind(database) as Pool['query'];
    const applied = await applyMigrations(pool, migrations, listMigrations(migrations, folder));
    log.info(`Migrated the database: ${applied.join(', ')}`);
    return applied;
  } finally {
    database.release(true); // ends the connection, and with it the lock
    await pool.end();
  }
}

/** Throws a StoreError when the database is too old. */
export async function checkVersion(database: Pick<Pool, 'query'>): Promise<void> {
  const { rows } = await database.query<{ number: string; version: string }>(
    `SELECT current_setting('server_version_num') AS number, current_setting('server_version') AS version`,
  );
  if (Number(rows[0]?.number) >= OLDEST_VERSION) return;
  throw new StoreError(`The database is PostgreSQL ${rows[0]?.version}; Keytide runs on PostgreSQL 15 or later.`);
}

async function applyMigrations(
  database: Pool,
  migrations: readonly Migration[],
  migrationsList: MigrationList,
): Promise<string[]> {
  // Loaded here: most starts have nothing to migrate.
  const { openSchemaEngine, EMPTY_FILTERS } = await import('./schema-engine.ts');
  let failure = '';
  const runScript = (script: string) =>
    database.query(script).catch((error: unknown) => {
      const name = migrations.find((migration) => migration.script === script)?.name;
      failure = `in ${name}: ${describeError(error)}`;
      throw error;
    });
  const engine = await openSchemaEngine(database, { runScript });
  try {
    await database.query('BEGIN');
    const { appliedMigrationNames } = await engine.applyMigrations({ migrationsList, filters: EMPTY_FILTERS });
    const { command } = await database.query('COMMIT');
    if (command !== 'COMMIT') throw new Error(`the transaction ended with ${command}`); // as one does that is broken
    return appliedMigrationNames;
  } catch (error) {
    // What the engine says of a script comes after it has tried to write that down, in a transaction that is broken by then.
    const reason = failure || describeError(error);
    throw new StoreError(`The database could not be migrated, and is as it was: ${reason}`, { cause: error });
  } finally {
    engine.free();
  }
}

/** Several addresses that were tried in vain come as one error with no message of its own. */
function describeError(error: unknown): string {
  if (error instanceof AggregateError && error.message === '') return error.errors.map(describeError).join(', ');
  return error instanceof Error ? error.message : String(error);
}
