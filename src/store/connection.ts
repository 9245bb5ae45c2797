import { Client } from 'pg';

/**
 * Adds to a connection string what every connection needs. Sessions are in UTC, because the Prisma adapter reads
 * instants as UTC whatever the server says (its `normalize_timestamptz` replaces the offset). Connections show as
 * `keytide` in pg_stat_activity unless the operator names them. `defaults` are settings that the operator can override.
 */
export function prepareConnection(connectionString: string, defaults: readonly string[] = []): string {
  const url = new URL(connectionString);
  const options = [...defaults.map((setting) => `-c ${setting}`), url.searchParams.get('options'), '-c TimeZone=UTC'];
  url.searchParams.set('options', options.filter((option) => option !== null).join(' '));
  if (!url.searchParams.has('application_name')) url.searchParams.set('application_name', 'keytide');
  return url.href;
}

/** Returns a dedicated client, not yet connected, with TCP keep-alive. */
export function createPgClient(connectionString: string): Client {
  return new Client({ connectionString: prepareConnection(connectionString), keepAlive: true });
}
