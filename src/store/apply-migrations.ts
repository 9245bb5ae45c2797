import type { Client } from 'pg';
import { buildIndex, isIndexMigration, readIndexStatements } from './index-migration.ts';
import { beginWithLocks } from './lock-tables.ts';
import type { Logger } from './logger.ts';
import type { Migration } from './migration.ts';
import {
  createHistory,
  discardAttempts,
  recordMigrationFailure,
  recordFinish,
  recordStart,
} from './migration-record.ts';
import { StoreError, describeError } from './store-error.ts';

/**
 * Applies migrations in their order, and records them. The caller holds the lock and closes the connection, also after
 * a failure.
 *
 * All consecutive migrations share one transaction, which has the locks of all tables from its beginning. An index migration runs on its own, outside of a transaction.
 *
 * Throws a StoreError if a migration fails. Its transaction is then undone; what was applied before it stays.
 */
export async function applyMigrations(database: Client, pending: readonly Migration[], log: Logger): Promise<void> {
  pending.filter(isIndexMigration).forEach(readIndexStatements); // refuses a malformed one before anything runs
  let rest = pending;
  while (rest[0] !== undefined) {
    const [first] = rest;
    const position = rest.findIndex(isIndexMigration);
    const batch = isIndexMigration(first) ? [first] : rest.slice(0, position === -1 ? rest.length : position);
    try {
      await (isIndexMigration(first) ? applyIndexMigration(database, first) : applyTogether(database, batch, log));
    } catch (error) {
      const previous = pending[pending.length - rest.length - 1];
      const since = previous === undefined ? '' : ` since ${previous.name} was applied`;
      const outcome = isIndexMigration(first)
        ? 'The migration failed; fix the cause and start again, which repeats it'
        : `The migration failed, and the database is unchanged${since}`;
      throw new StoreError(`${outcome}: ${describeError(error)}`, { cause: error });
    }
    rest = rest.slice(batch.length);
  }
}

/** Applies migrations in one transaction. */
async function applyTogether(database: Client, migrations: readonly Migration[], log: Logger): Promise<void> {
  await beginWithLocks(
    database,
    migrations.map(({ script }) => script),
    log,
  );
  await createHistory(database);
  for (const migration of migrations) {
    const id = await recordStart(database, migration);
    await database.query(migration.script).catch((error: unknown) => {
      throw describeFailure(migration, error);
    });
    await recordFinish(database, id);
  }
  const { command } = await database.query('COMMIT');
  // PostgreSQL responds with ROLLBACK to the COMMIT of an aborted transaction.
  if (command !== 'COMMIT') throw new Error(`the transaction ended with ${command}`);
}

/** Applies an index migration, statement by statement. An attempt that did not finish is repeated. */
async function applyIndexMigration(database: Client, migration: Migration): Promise<void> {
  await createHistory(database);
  await discardAttempts(database, migration);
  const id = await recordStart(database, migration);
  try {
    for (const statement of readIndexStatements(migration)) await buildIndex(database, statement);
  } catch (error) {
    await recordMigrationFailure(database, id, describeError(error)).catch(() => {}); // the first error counts
    throw describeFailure(migration, error);
  }
  await recordFinish(database, id);
}

function describeFailure({ name }: Migration, error: unknown): Error {
  return new Error(`in ${name}: ${describeError(error)}`, { cause: error });
}
