import { Client } from 'pg';

/**
 * A connection string with what every connection of ours needs. Sessions are in UTC: the Prisma adapter reads instants as if
 * they were, whatever the server says (its `normalize_timestamptz` replaces the offset). Without a name of its own the
 * connection shows as `keytide` in pg_stat_activity. `defaults` are settings that hold unless the operator gives others.
 */
export function prepareConnection(connectionString: string, defaults: readonly string[] = []): string {
  const url = new URL(connectionString);
  const options = [...defaults.map((setting) => `-c ${setting}`), url.searchParams.get('options'), '-c TimeZone=UTC'];
  url.searchParams.set('options', options.filter((option) => option !== null).join(' '));
  if (!url.searchParams.has('application_name')) url.searchParams.set('application_name', 'keytide');
  return url.href;
}

/** A connection for one's own use, not yet connected; it keeps itself alive through idle networks. */
export function createPgClient(connectionString: string): Client {
  return new Client({ connectionString: prepareConnection(connectionString), keepAlive: true });
}
