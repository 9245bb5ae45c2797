// Index migrations: how an index comes to a large table without blocking its writers.
//
// CREATE INDEX in a transaction blocks all writers of the table until the transaction ends. CREATE INDEX CONCURRENTLY
// does not, but cannot run in a transaction. A migration whose first line is the marker therefore runs outside of one,
// statement by statement. It is idempotent: it contains only CREATE INDEX CONCURRENTLY IF NOT EXISTS, and an invalid
// index, which a failed attempt leaves behind, is dropped first.

import type { Client } from 'pg';
import type { Migration } from './migration.ts';
import { StoreError } from './store-error.ts';

/** The first line of a migration that runs outside of a transaction. */
export const INDEX_MARKER = '-- keytide:transaction=false';

const STATEMENT = /^CREATE\s+(?:UNIQUE\s+)?INDEX\s+CONCURRENTLY\s+IF\s+NOT\s+EXISTS\s+(?<index>"[^"]+"|\w+)\s+ON\s/i;

/** A statement that creates an index concurrently. */
export interface IndexStatement {
  /** The name of the index, as it is written in the statement. */
  readonly index: string;
  readonly sql: string;
}

/** Whether a migration runs outside of a transaction. */
export function isIndexMigration({ script }: Pick<Migration, 'script'>): boolean {
  return script.split('\n', 1)[0]?.trim() === INDEX_MARKER;
}

/**
 * Returns the statements of an index migration. Each ends with a semicolon at the end of a line.
 *
 * Throws a StoreError if there is a statement that is not idempotent or that blocks writers.
 */
export function readIndexStatements({ name, script }: Migration): IndexStatement[] {
  const statements = script
    .replaceAll(/^\s*--.*$/gm, '')
    .split(/;\s*$/m)
    .map((sql) => sql.trim());
  return statements
    .filter((sql) => sql !== '')
    .map((sql) => {
      const index = STATEMENT.exec(sql)?.groups?.['index'];
      if (index !== undefined) return { index, sql };
      const found = sql.split('\n', 1)[0];
      throw new StoreError(
        `Migration ${name} runs outside of a transaction: found ${found}; expected only statements ` +
          'CREATE [UNIQUE] INDEX CONCURRENTLY IF NOT EXISTS <name> ON ….',
      );
    });
}

/** Creates an index if it is not there. If an earlier attempt left it invalid, it is dropped first. */
export async function buildIndex(database: Pick<Client, 'query'>, { index, sql }: IndexStatement): Promise<void> {
  const invalid = await database.query('SELECT FROM pg_index WHERE indexrelid = to_regclass($1) AND NOT indisvalid', [
    index,
  ]);
  if (invalid.rowCount === 1) await database.query(`DROP INDEX CONCURRENTLY IF EXISTS ${index}`);
  await database.query(sql);
}
