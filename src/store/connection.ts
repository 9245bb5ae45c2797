import { Client } from 'pg';
import { StoreError } from './store-error.ts';

/** The schema of Keytide's tables if the connection string names none. */
const DEFAULT_SCHEMA = 'public';

/** Maximum length of an identifier in bytes: NAMEDATALEN - 1. */
const NAME_SIZE_MAX = 63;

/** Where the database is, and which schema of it holds Keytide's tables. */
export interface DatabaseAddress {
  /** The connection string without `schema`, and with an application name. */
  readonly url: string;
  /** The one schema of all tables. */
  readonly schema: string;
  /** Whether the connection string names the schema, so that a start may create it. */
  readonly isSchemaNamed: boolean;
  /** Whether the operator's options set a parameter. The gateway then does not set it. */
  sets(parameter: string): boolean;
}

/**
 * Reads a connection string. `?schema=` names the schema, as in Prisma's connection strings; the default is `public`.
 * Connections show as `keytide` in pg_stat_activity unless the operator names them.
 *
 * Throws a StoreError for a schema that cannot be one, and for options that set search_path.
 */
export function readDatabaseAddress(connectionString: string): DatabaseAddress {
  const url = new URL(connectionString);
  const schemas = url.searchParams.getAll('schema');
  const [schema = DEFAULT_SCHEMA] = schemas;
  const size = Buffer.byteLength(schema);
  if (schemas.length > 1 || size === 0 || size > NAME_SIZE_MAX || /["\0]|^pg_/i.test(schema)) {
    throw new StoreError(
      `DATABASE_URL: found schema=${schemas.join(', ')}; expected one name of 1 to ${NAME_SIZE_MAX} bytes that has no quotes and does not begin with pg_.`,
    );
  }
  const options = (url.searchParams.get('options') ?? '').replaceAll('-', '_').toLowerCase();
  const sets = (parameter: string) => new RegExp(String.raw`(^|\s)(_c\s*|__)${parameter}\s*=`).test(options);
  if (sets('search_path')) {
    throw new StoreError(
      'DATABASE_URL: found search_path in options; expected ?schema=<name>, which names one schema.',
    );
  }
  url.searchParams.delete('schema');
  if (!url.searchParams.has('application_name')) url.searchParams.set('application_name', 'keytide');
  return { url: url.href, schema, isSchemaNamed: schemas.length > 0, sets };
}

/** Returns a dedicated client in UTC, not yet connected, with TCP keep-alive. It checks nothing of the server. */
export function createPgClient(connectionString: string): Client {
  const url = new URL(readDatabaseAddress(connectionString).url);
  const options = [url.searchParams.get('options'), '-c TimeZone=UTC'];
  url.searchParams.set('options', options.filter((option) => option !== null).join(' '));
  return new Client({ connectionString: url.href, keepAlive: true });
}

/** Quotes a name as an SQL identifier. */
export function quoteIdentifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
