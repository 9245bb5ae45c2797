import { hash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Pool } from 'pg';
import { StoreError } from './store-error.ts';

/** The folder of this version's migrations. */
export const MIGRATIONS_FOLDER = fileURLToPath(new URL('../../prisma/migrations', import.meta.url));

/** A migration of this version: a folder with one script. */
export interface Migration {
  readonly name: string;
  readonly script: string;
}

/** A row of the standard table `_prisma_migrations`. */
export interface MigrationRow {
  readonly migration_name: string;
  /** SHA-256 of the script, in hexadecimal. */
  readonly checksum: string;
  readonly finished_at: Date | null;
  readonly rolled_back_at: Date | null;
}

/** Returns the migrations in a folder, in the order in which they apply. */
export function readMigrations(folder: string): Migration[] {
  const entries = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  const names = entries.map((entry) => entry.name).sort();
  return names.map((name) => ({ name, script: readFileSync(join(folder, name, 'migration.sql'), 'utf8') }));
}

/** Reads which migrations the database records as applied; none if it was never migrated. */
export async function readMigrationHistory(database: Pick<Pool, 'query'>): Promise<MigrationRow[]> {
  const { rows } = await database.query<{ found: boolean }>(
    `SELECT to_regclass('_prisma_migrations') IS NOT NULL AS found`,
  );
  if (rows[0]?.found !== true) return [];
  const columns = 'migration_name, checksum, finished_at, rolled_back_at';
  return (await database.query<MigrationRow>(`SELECT ${columns} FROM _prisma_migrations ORDER BY started_at`)).rows;
}

/**
 * Returns the migrations that the database still needs.
 *
 * Throws a StoreError if the history does not fit this version: a migration that started and did not finish, a
 * migration that this version does not know, or a migration whose script has changed.
 */
export function findPendingMigrations(migrations: readonly Migration[], history: readonly MigrationRow[]): Migration[] {
  const rows = history.filter((row) => row.rolled_back_at === null);
  const unfinished = rows.find((row) => row.finished_at === null);
  if (unfinished !== undefined) {
    const name = unfinished.migration_name;
    throw new StoreError(
      `The migration ${name} started on this database and did not finish. Restore the database; or find out which of its ` +
        'changes are there, undo them, and mark it as rolled back: ' +
        `UPDATE _prisma_migrations SET rolled_back_at = now() WHERE migration_name = '${name}' AND finished_at IS NULL`,
    );
  }
  const known = new Map(migrations.map(({ name, script }) => [name, hash('sha256', script)]));
  const unknown = rows.filter((row) => !known.has(row.migration_name)).map((row) => row.migration_name);
  if (unknown.length > 0) {
    throw new StoreError(
      `The database was migrated by a newer Keytide (unknown to this one: ${unknown.join(', ')}): start that version or a later one.`,
    );
  }
  const edited = rows.find((row) => row.checksum !== known.get(row.migration_name));
  if (edited !== undefined) {
    throw new StoreError(
      `The script of migration ${edited.migration_name} differs from the one that was applied to this database: ` +
        'restore the file as it was released, and make changes in a new migration.',
    );
  }
  const applied = new Set(rows.map((row) => row.migration_name));
  return migrations.filter(({ name }) => !applied.has(name));
}
