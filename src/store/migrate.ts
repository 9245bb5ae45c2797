import { setTimeout } from 'node:timers/promises';
import type { Client } from 'pg';
import { applyMigrations } from './apply-migrations.ts';
import { readDatabaseAddress } from './connection.ts';
import type { Logger } from './logger.ts';
import { checkForeignTables, findPendingMigrations, readMigrationHistory } from './migration-history.ts';
import { MIGRATIONS_FOLDER, readMigrations } from './migration.ts';
import { checkMayCreateTables, openSchema } from './open-schema.ts';
import { ServerGuard } from './server-guard.ts';
import { SessionClient } from './session-client.ts';
import { StoreError, describeError } from './store-error.ts';

/** The advisory lock that Prisma's own tools take for migrations, so that they are excluded too. */
const LOCK_KEY = 72_707_369;

/** How often a waiting node tries to take the lock, in ms. */
const LOCK_POLL_MS = 100;

/** After how long a waiting node logs that it waits, in ms. */
const LOCK_WARNING_MS = 5_000;

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
 * Throws a StoreError if the database cannot be reached, if the gateway cannot use the server, its sessions or its schema
 * (see docs/guides/database.md), if the schema has tables but no history, if the history does not fit this version (see
 * findPendingMigrations), or if a migration fails.
 */
export async function migrate(
  connectionString: string,
  { log, folder = MIGRATIONS_FOLDER }: MigrateOptions,
): Promise<string[]> {
  const address = readDatabaseAddress(connectionString);
  const database = new SessionClient({
    session: { address, guard: new ServerGuard({ ...log, warn: () => undefined }) },
    connectionTimeoutMillis: 10_000,
  });
  database.on('error', (error) => log.warn(`migration connection lost: ${error.message}`));
  await database.connect().catch((error: unknown) => {
    if (error instanceof StoreError) throw error;
    throw new StoreError(`The database cannot be reached: ${describeError(error)}`, { cause: error });
  });
  try {
    await openSchema(database, address, log);
    const migrations = readMigrations(folder);
    if (findPendingMigrations(migrations, await readMigrationHistory(database)).length === 0) return [];
    await checkMayCreateTables(database, address);
    await liftTimeouts(database);
    await takeLock(database, log);
    const pending = findPendingMigrations(migrations, await readMigrationHistory(database));
    if (pending.length === 0) return [];
    await checkForeignTables(database);
    await applyMigrations(database, pending, log);
    const applied = pending.map(({ name }) => name);
    log.info(`database migrated: ${applied.join(', ')}`);
    return applied;
  } finally {
    await database.end(); // releases the lock, and rolls back a transaction that did not commit
  }
}

/** Lifts the timeouts that the operator may have set: a migration may take long. */
async function liftTimeouts(database: Client): Promise<void> {
  await database.query(
    `SELECT set_config(name, '0', false) FROM pg_settings
     WHERE name IN ('statement_timeout', 'lock_timeout', 'idle_in_transaction_session_timeout', 'transaction_timeout')`,
  );
}

/**
 * Takes the lock for this connection; waits while another connection has it.
 *
 * It polls, because a statement that waits in pg_advisory_lock has a snapshot, and CREATE INDEX CONCURRENTLY waits for
 * all older snapshots: the two nodes would deadlock.
 */
async function takeLock(database: Client, log: Logger): Promise<void> {
  const startedAt = performance.now();
  let hasWarned = false;
  for (;;) {
    const sql = 'SELECT pg_try_advisory_lock($1) AS taken';
    const { rows } = await database.query<{ taken: boolean }>(sql, [LOCK_KEY]);
    if (rows[0]?.taken === true) return;
    if (!hasWarned && performance.now() - startedAt > LOCK_WARNING_MS) {
      log.warn('waiting for another process that migrates the database');
      hasWarned = true;
    }
    await setTimeout(LOCK_POLL_MS);
  }
}
