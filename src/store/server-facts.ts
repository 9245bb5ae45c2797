import type { ClientBase } from 'pg';
import { StoreError } from './store-error.ts';

/** `server_version_num` of the oldest supported PostgreSQL. */
const OLDEST_VERSION = 150_000;

/** What a connection says of its server and session. */
export interface ServerFacts {
  /** The server's time, in ms since 1970. */
  readonly databaseMs: number;
  readonly isStandby: boolean;
  /**
   * The timeline of the WAL: it grows with each promotion. Null on a standby, and on a server that does not tell it
   * (some managed ones).
   */
  readonly timeline: number | null;
  readonly version: number;
  readonly versionText: string;
  readonly encoding: string;
  readonly replicationRole: string;
  /** Process id of the server's side of the session. */
  readonly processId: number;
}

const TIMELINE = `CASE WHEN NOT pg_is_in_recovery()
  THEN ('x' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8))::bit(32)::bigint::float8 END`;

const factsStatement = (timeline: string) => `
  SELECT (extract(epoch FROM clock_timestamp()) * 1000)::float8 AS "databaseMs", pg_is_in_recovery() AS "isStandby",
         ${timeline} AS timeline, current_setting('server_version_num')::int4 AS version,
         current_setting('server_version') AS "versionText", current_setting('server_encoding') AS encoding,
         current_setting('session_replication_role') AS "replicationRole", pg_backend_pid() AS "processId"`;

/** Feature not supported, undefined function, insufficient privilege: the server does not tell its timeline. */
const NO_TIMELINE = new Set(['0A000', '42883', '42501', '55000']);

/** Reads the facts in one statement; in two on a server that does not tell its timeline. */
export async function readServerFacts(client: Pick<ClientBase, 'query'>): Promise<ServerFacts> {
  try {
    return await read(client, TIMELINE);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && NO_TIMELINE.has(String(error.code)))) throw error;
    return await read(client, 'NULL::float8');
  }
}

async function read(client: Pick<ClientBase, 'query'>, timeline: string): Promise<ServerFacts> {
  const { rows } = await client.query<ServerFacts>(factsStatement(timeline));
  const [facts] = rows;
  if (facts === undefined) throw new Error('The server returned no row.');
  return facts;
}

/**
 * A server that the gateway does not use. The code is PostgreSQL's cannot_connect_now: a request that needs the
 * database then gets status 503.
 */
export class RefusedServerError extends StoreError {
  readonly code = '57P03';
}

/** Throws a RefusedServerError, of one sentence, for a server or a session that the gateway cannot use. */
export function checkServerFacts({ isStandby, version, versionText, encoding, replicationRole }: ServerFacts): void {
  if (version < OLDEST_VERSION)
    throw new RefusedServerError(`Database: found PostgreSQL ${versionText}; expected PostgreSQL 15 or later.`);
  if (isStandby)
    throw new RefusedServerError(
      'Database: found a standby (the server is in recovery); expected a primary: point DATABASE_URL to the primary, or promote this server.',
    );
  if (encoding !== 'UTF8')
    throw new RefusedServerError(
      `Database: found encoding ${encoding}; expected UTF8: create a database with ENCODING 'UTF8' TEMPLATE template0.`,
    );
  if (replicationRole !== 'origin')
    throw new RefusedServerError(
      `Database: found session_replication_role ${replicationRole}; expected origin: reset it for the role and the database, because it switches foreign keys off.`,
    );
}
