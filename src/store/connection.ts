import { Client } from 'pg';

/**
 * A connection string with what every connection of ours needs. Sessions are in UTC: the Prisma adapter reads instants as if
 * they were, whatever the server says (its `normalize_timestamptz` replaces the offset). Without a name of its own the
 * connection shows as `keytide` in pg_stat_activity.
 */
export function prepareConnection(connectionString: string): string {
  const url = new URL(connectionString);
  const options = url.searchParams.get('options');
  url.searchParams.set('options', options === null ? '-c TimeZone=UTC' : `${options} -c TimeZone=UTC`);
  if (!url.searchParams.has('application_name')) url.searchParams.set('application_name', 'keytide');
  return url.href;
}

/** A connection for one's own use, not yet connected; it keeps itself alive through idle networks. */
export function openClient(connectionString: string): Client {
  return new Client({ connectionString: prepareConnection(connectionString), keepAlive: true });
}
