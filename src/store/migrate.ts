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

/** `server_version_num` of the oldest supported PostgreSQL. */
const OLDEST_VERSION = 150_000;

/** The advisory lock that Prisma's own tools take for migrations, so that they are excluded too. */
const LOCK_KEY = 72_707_369;

export interface MigrateOptions {
  readonly log: Logger;
  /** The folder of the migrations. Default: prisma/migrations. */
  readonly folder?: string;
}

/**
 * Migrates a database to this version and returns the names of the migrations that it applied. Any number of nodes may
 * call it at once: one migrates, the others wait.
 *
 * All pending migrations run in one transaction: if anything interrupts it, the database is unchanged. The table
 * `_prisma_migrations` is the standard one, written by Prisma's own engine.
 *
 * Throws a StoreError if the database cannot be reached, is older than PostgreSQL 15, has a history that does not fit
 * this version (see findPendingMigrations), or if a migration fails.
 */
export async function migrate(
  connectionString: string,
  { log, folder = MIGRATIONS_FOLDER }: MigrateOptions,
): Promise<string[]> {
  const pool = new Pool({ connectionString: prepareConnection(connectionString), connectionTimeoutMillis: 10_000 });
  const database = await pool.connect().catch((error: unknown) => {
    throw new StoreError(`The database cannot be reached: ${describeError(error)}`, { cause: error });
  });
  database.on('error', (error) => log.warn(`migration connection lost: ${error.message}`));
  try {
    await checkVersion(database);
    const migrations = readMigrations(folder);
    if (findPendingMigrations(migrations, await readMigrationHistory(database)).length === 0) return [];
    await database.query(
      'SET statement_timeout = 0; SET lock_timeout = 0; SET idle_in_transaction_session_timeout = 0',
    );
    await database.query('SELECT pg_advisory_lock($1)', [LOCK_KEY]);
    if (findPendingMigrations(migrations, await readMigrationHistory(database)).length === 0) return [];
    // The engine takes a pool: this pool provides only the connection that holds the lock.
    pool.query = database.query.bind(database) as Pool['query'];
    const applied = await applyMigrations(pool, migrations, listMigrations(migrations, folder));
    log.info(`database migrated: ${applied.join(', ')}`);
    return applied;
  } finally {
    database.release(true); // closes the connection, which releases the lock
    await pool.end();
  }
}

/** Throws a StoreError if the database is too old. */
export async function checkVersion(database: Pick<Pool, 'query'>): Promise<void> {
  const { rows } = await database.query<{ number: string; version: string }>(
    `SELECT current_setting('server_version_num') AS number, current_setting('server_version') AS version`,
  );
  if (Number(rows[0]?.number) >= OLDEST_VERSION) return;
  throw new StoreError(`Database: found PostgreSQL ${rows[0]?.version}; expected PostgreSQL 15 or later.`);
}

async function applyMigrations(
  database: Pool,
  migrations: readonly Migration[],
  migrationsList: MigrationList,
): Promise<string[]> {
  // Loaded on demand: most starts have nothing to migrate.
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
    // PostgreSQL responds with ROLLBACK to the COMMIT of an aborted transaction.
    if (command !== 'COMMIT') throw new Error(`the transaction ended with ${command}`);
    return appliedMigrationNames;
  } catch (error) {
    // The engine's own error hides the script's: it comes from recording the failure in the aborted transaction.
    const reason = failure || describeError(error);
    throw new StoreError(`The migration failed, and the database is unchanged: ${reason}`, { cause: error });
  } finally {
    engine.free();
  }
}

/** Returns an error's message. Failed attempts on several addresses come as one AggregateError without a message. */
function describeError(error: unknown): string {
  if (error instanceof AggregateError && error.message === '') return error.errors.map(describeError).join(', ');
  return error instanceof Error ? error.message : String(error);
}
