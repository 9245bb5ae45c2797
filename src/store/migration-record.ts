import type { Client } from 'pg';
import { checksumOf, type Migration } from './migration.ts';

type Database = Pick<Client, 'query'>;

/** Creates the standard table of migrations if it is missing. The columns are the ones that Prisma's engine creates. */
export async function createHistory(database: Database): Promise<void> {
  await database.query(`CREATE TABLE IF NOT EXISTS _prisma_migrations (
    id                      VARCHAR(36) PRIMARY KEY NOT NULL,
    checksum                VARCHAR(64) NOT NULL,
    finished_at             TIMESTAMPTZ,
    migration_name          VARCHAR(255) NOT NULL,
    logs                    TEXT,
    rolled_back_at          TIMESTAMPTZ,
    started_at              TIMESTAMPTZ NOT NULL DEFAULT now(),
    applied_steps_count     INTEGER NOT NULL DEFAULT 0
  )`);
}

/** Records that a migration starts. Returns the id of the record. */
export async function recordStart(database: Database, migration: Migration): Promise<string> {
  const { rows } = await database.query<{ id: string }>(
    `INSERT INTO _prisma_migrations (id, checksum, migration_name, started_at)
     VALUES (gen_random_uuid()::text, $1, $2, clock_timestamp()) RETURNING id`,
    [checksumOf(migration), migration.name],
  );
  return rows[0]?.id ?? '';
}

/** Records that a migration finished. */
export async function recordFinish(database: Database, id: string): Promise<void> {
  const sql = 'UPDATE _prisma_migrations SET finished_at = clock_timestamp(), applied_steps_count = 1 WHERE id = $1';
  await database.query(sql, [id]);
}

/** Records why a migration did not finish. */
export async function recordMigrationFailure(database: Database, id: string, reason: string): Promise<void> {
  await database.query('UPDATE _prisma_migrations SET logs = $2 WHERE id = $1', [id, reason]);
}

/** Marks earlier attempts of a migration that did not finish as rolled back. */
export async function discardAttempts(database: Database, { name }: Migration): Promise<void> {
  await database.query(
    `UPDATE _prisma_migrations SET rolled_back_at = clock_timestamp()
     WHERE migration_name = $1 AND finished_at IS NULL AND rolled_back_at IS NULL`,
    [name],
  );
}
