import { quoteIdentifier, type DatabaseAddress } from './connection.ts';

/**
 * The session parameters that the gateway relies on, each with the reason. A role or a database may have other defaults.
 * All of them may be set by any role.
 */
const required = {
  // Instants are sent without an offset and read as UTC.
  TimeZone: 'UTC',
  DateStyle: 'ISO, MDY',
  IntervalStyle: 'postgres',
  // Numbers and bytes are read in these forms.
  extra_float_digits: '1',
  bytea_output: 'hex',
  client_encoding: 'UTF8',
  // Literals in our statements.
  standard_conforming_strings: 'on',
  transform_null_equals: 'off',
  array_nulls: 'on',
  row_security: 'on',
  // Changes wait for row locks, then read committed rows, and write.
  default_transaction_isolation: 'read committed',
  default_transaction_read_only: 'off',
  default_transaction_deferrable: 'off',
  // A pooled connection and the connection for LISTEN may be idle for long.
  idle_session_timeout: '0',
} as const;

/**
 * Returns the statement that sets the parameters of a new session. It is sent after the connection has opened, because a
 * pooler such as PgBouncer refuses parameters in the startup message.
 */
export function sessionStatement({ schema }: DatabaseAddress, more: Readonly<Record<string, string>> = {}): string {
  const parameters = Object.entries({ ...required, ...more, search_path: quoteIdentifier(schema) });
  const rows = parameters.map(([name, value]) => `(${quoteText(name)}, ${quoteText(value)})`);
  // Acknowledged changes must survive a crash, so only `off` is replaced.
  const durability = `SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'`;
  return `SELECT set_config(name, value, false) FROM (VALUES ${rows.join(', ')}) AS p (name, value); ${durability}`;
}

/** Quotes a text as a literal that is read alike whatever standard_conforming_strings is. */
function quoteText(text: string): string {
  return `E'${text.replaceAll('\\', String.raw`\\`).replaceAll("'", "''")}'`;
}
