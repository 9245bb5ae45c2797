import type { Client } from 'pg';
import { type DatabaseAddress, quoteIdentifier } from './connection.ts';
import type { Logger } from './logger.ts';
import { describeError, StoreError } from './store-error.ts';

type Database = Pick<Client, 'query'>;

/**
 * Creates the schema if the connection string names it and it is missing.
 *
 * Throws a StoreError if the schema is missing and cannot be created, or if the role may not use it.
 */
export async function openSchema(database: Database, address: DatabaseAddress, log: Logger): Promise<void> {
  const { schema, isSchemaNamed } = address;
  const { rows } = await database.query<{ role: string; isThere: boolean; mayUse: boolean | null }>(
    `SELECT current_user AS role, oid IS NOT NULL AS "isThere", has_schema_privilege(oid, 'USAGE') AS "mayUse"
     FROM (SELECT) AS one LEFT JOIN pg_namespace ON nspname = $1`,
    [schema],
  );
  const [{ role, isThere, mayUse } = { role: '', isThere: false, mayUse: null }] = rows;
  if (isThere && mayUse === true) return;
  if (isThere) throw refuse(schema, `The role ${role} may not use it: GRANT USAGE, CREATE ON SCHEMA`, role);
  if (!isSchemaNamed)
    throw new StoreError(
      `Database: found no schema ${schema}; expected the schema of Keytide's tables: name one in DATABASE_URL with ?schema=<name>.`,
    );
  try {
    await database.query(`CREATE SCHEMA IF NOT EXISTS ${quoteIdentifier(schema)}`);
  } catch (error) {
    throw new StoreError(`Database: the schema ${schema} is missing and cannot be created: ${describeError(error)}.`, {
      cause: error,
    });
  }
  log.info(`database schema created: ${schema}`);
}

/** Throws a StoreError if the role may not create tables in the schema. */
export async function checkMayCreateTables(database: Database, { schema }: DatabaseAddress): Promise<void> {
  const { rows } = await database.query<{ role: string; may: boolean }>(
    `SELECT current_user AS role, has_schema_privilege(oid, 'CREATE') AS may FROM pg_namespace WHERE nspname = $1`,
    [schema],
  );
  const [{ role, may } = { role: '', may: false }] = rows;
  if (!may) throw refuse(schema, `The role ${role} may not create tables in it: GRANT CREATE ON SCHEMA`, role);
}

function refuse(schema: string, problem: string, role: string): StoreError {
  return new StoreError(
    `Database schema ${schema}: ${problem} ${quoteIdentifier(schema)} TO ${quoteIdentifier(role)}; ` +
      'or name another schema in DATABASE_URL with ?schema=<name>.',
  );
}
