import { setTimeout } from 'node:timers/promises';
import { Client } from 'pg';
import { applyMigrations } from './apply-migrations.ts';
import { prepareConnection } from './connection.ts';
import type { Logger } from './logger.ts';
import { checkForeignTables, findPendingMigrations, readMigrationHistory } from './migration-history.ts';
import { MIGRATIONS_FOLDER, readMigrations } from './migration.ts';
import { StoreError, describeError } from './store-error.ts';

/** `server_version_num` of the oldest supported PostgreSQL. */
const OLDEST_VERSION = 150_000;

/** The advisory lock that Prisma's own tools take for migrations, so that they are excluded too. */
const LOCK_KEY = 72_707_369;

/** How often a waiting node tries to take the lock, in ms. */
const LOCK_POLL_MS = 100;

export interface MigrateOptions {
  readonly log: Logger;
  /** The folder of the migrations. Default: prisma/migrations. */
  readonly folder?: string;
}

/**
 * Migrates a database to this version and returns the names of the migrations that it applied. Any number of nodes may
 * call it at once: one migrates, the others wait.
 *
 * All pending migrations run in one transaction: if anything interrupts it, the database is unchanged. The exceptions
 * are migrations that build indexes concurrently (see index-migration.ts). The table `_prisma_migrations` has the
 * columns and rows that Prisma's own tools write.
 *
 * Throws a StoreError if the database cannot be reached, is older than PostgreSQL 15, has tables but no history, has a
 * history that does not fit this version (see findPendingMigrations), or if a migration fails.
 */
export async function migrate(
  connectionString: string,
  { log, folder = MIGRATIONS_FOLDER }: MigrateOptions,
): Promise<string[]> {
  const database = new Client({
    connectionString: prepareConnection(connectionString),
    connectionTimeoutMillis: 10_000,
    keepAlive: true,
  });
  database.on('error', (error) => log.warn(`migration connection lost: ${error.message}`));
  await database.connect().catch((error: unknown) => {
    throw new StoreError(`The database cannot be reached: ${describeError(error)}`, { cause: error });
  });
  try {
    await checkVersion(database);
    const migrations = readMigrations(folder);
    if (findPendingMigrations(migrations, await readMigrationHistory(database)).length === 0) return [];
    await database.query(
      'SET statement_timeout = 0; SET lock_timeout = 0; SET idle_in_transaction_session_timeout = 0',
    );
    await takeLock(database);
    const pending = findPendingMigrations(migrations, await readMigrationHistory(database));
    if (pending.length === 0) return [];
    await checkForeignTables(database);
    await applyMigrations(database, pending);
    const applied = pending.map(({ name }) => name);
    log.info(`database migrated: ${applied.join(', ')}`);
    return applied;
  } finally {
    await database.end(); // releases the lock, and rolls back a transaction that did not commit
  }
}

/** Throws a StoreError if the database is too old. */
export async function checkVersion(database: Pick<Client, 'query'>): Promise<void> {
  const { rows } = await database.query<{ number: string; version: string }>(
    `SELECT current_setting('server_version_num') AS number, current_setting('server_version') AS version`,
  );
  if (Number(rows[0]?.number) >= OLDEST_VERSION) return;
  throw new StoreError(`Database: found PostgreSQL ${rows[0]?.version}; expected PostgreSQL 15 or later.`);
}

/**
 * Takes the lock for this connection; waits while another connection has it.
 *
 * It polls, because a statement that waits in pg_advisory_lock has a snapshot, and CREATE INDEX CONCURRENTLY waits for
 * all older snapshots: the two nodes would deadlock.
 */
async function takeLock(database: Client): Promise<void> {
  for (;;) {
    const sql = 'SELECT pg_try_advisory_lock($1) AS taken';
    const { rows } = await database.query<{ taken: boolean }>(sql, [LOCK_KEY]);
    if (rows[0]?.taken === true) return;
    await setTimeout(LOCK_POLL_MS);
  }
}
