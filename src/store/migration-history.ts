import type { Client } from 'pg';
import { isIndexMigration } from './index-migration.ts';
import { checksumOf, type Migration } from './migration.ts';
import { StoreError } from './store-error.ts';

/** A row of the standard table `_prisma_migrations`. */
export interface MigrationRow {
  readonly migration_name: string;
  /** SHA-256 of the script, in hexadecimal. */
  readonly checksum: string;
  readonly finished_at: Date | null;
  readonly rolled_back_at: Date | null;
}

/** Reads which migrations the database records as applied; none if it was never migrated. */
export async function readMigrationHistory(database: Pick<Client, 'query'>): Promise<MigrationRow[]> {
  const { rows } = await database.query<{ found: boolean }>(
    `SELECT to_regclass('_prisma_migrations') IS NOT NULL AS found`,
  );
  if (rows[0]?.found !== true) return [];
  const columns = 'migration_name, checksum, finished_at, rolled_back_at';
  return (await database.query<MigrationRow>(`SELECT ${columns} FROM _prisma_migrations ORDER BY started_at`)).rows;
}

/**
 * Throws a StoreError if the schema has tables although no migration was ever recorded: the database belongs to another
 * application. Tables of extensions do not count.
 */
export async function checkForeignTables(database: Pick<Client, 'query'>): Promise<void> {
  const { rows } = await database.query<{ name: string }>(
    `SELECT relname AS name FROM pg_class
     WHERE to_regclass('_prisma_migrations') IS NULL AND relkind IN ('r', 'p')
       AND relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = current_schema())
       AND NOT EXISTS (SELECT FROM pg_depend WHERE classid = 'pg_class'::regclass AND objid = pg_class.oid AND deptype = 'e')
     ORDER BY 1 LIMIT 3`,
  );
  if (rows.length === 0) return;
  throw new StoreError(
    `The database schema is not empty, and no migration is recorded in it (found ${rows.map((row) => row.name).join(', ')}): ` +
      'give Keytide a database or a schema of its own.',
  );
}

/**
 * Returns the migrations that the database still needs. An index migration that started and did not finish is one of
 * them, because it can be repeated.
 *
 * Throws a StoreError if the history does not fit this version: a migration that this version does not know, another
 * migration that started and did not finish, or a migration whose script has changed.
 */
export function findPendingMigrations(migrations: readonly Migration[], history: readonly MigrationRow[]): Migration[] {
  const rows = history.filter((row) => row.rolled_back_at === null);
  const known = new Map(migrations.map((migration) => [migration.name, checksumOf(migration)]));
  const unknown = rows.filter((row) => !known.has(row.migration_name)).map((row) => row.migration_name);
  if (unknown.length > 0) {
    throw new StoreError(
      `The database was migrated by a newer Keytide (unknown to this one: ${unknown.join(', ')}): start that version or a later one.`,
    );
  }
  const repeatable = new Set(migrations.filter(isIndexMigration).map(({ name }) => name));
  const isChanged = (row: MigrationRow) => row.checksum !== known.get(row.migration_name);
  const unfinished = rows.filter((row) => row.finished_at === null);
  const stuck = unfinished.find((row) => !repeatable.has(row.migration_name) || isChanged(row));
  if (stuck !== undefined) {
    const name = stuck.migration_name;
    throw new StoreError(
      `The migration ${name} started on this database and did not finish. Restore the database; or find out which of its ` +
        'changes are there, undo them, and mark it as rolled back: ' +
        `UPDATE _prisma_migrations SET rolled_back_at = now() WHERE migration_name = '${name}' AND finished_at IS NULL`,
    );
  }
  const edited = rows.find(isChanged);
  if (edited !== undefined) {
    throw new StoreError(
      `The script of migration ${edited.migration_name} differs from the one that was applied to this database: ` +
        'restore the file as it was released, and make changes in a new migration.',
    );
  }
  const applied = new Set(rows.filter((row) => row.finished_at !== null).map((row) => row.migration_name));
  return migrations.filter(({ name }) => !applied.has(name));
}
