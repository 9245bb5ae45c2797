import type { NetConnectOpts } from 'node:net';
import type { Client } from 'pg';
import { onTestFinished } from 'vitest';
import { startEmbedded } from '../../src/store/embedded.ts';
import { migrate } from '../../src/store/migrate.ts';
import { SOCKET_FILE } from '../../src/store/server-socket.ts';
import { createPgClient } from '../../src/store/connection.ts';
import { dataFolder, readServerId, silent } from '../support/embedded-process.ts';

/** How a server ends: SIGINT is PostgreSQL's fast shutdown, SIGQUIT its immediate one, after which it has to recover. */
export type ServerEnd = 'SIGINT' | 'SIGQUIT';

/** A database of a world's own. */
export interface WorldDatabase {
  /** By which the test itself reaches it, whatever is wrong with lines. */
  readonly connectionString: string;
  /** Where its server is. */
  socket(): NetConnectOpts;
}

/** A migrated database on a PostgreSQL of its own, which can be ended and can fill up. */
export interface OwnDatabase extends WorldDatabase {
  end(signal: ServerEnd): Promise<void>;
  start(): Promise<void>;
  /** From now on most of what needs more room is refused, as PostgreSQL says that a disk is full. */
  fill(isFull: boolean): Promise<void>;
  /** From now on nothing may be written, as on a server that has become a standby. */
  forbidWrites(isForbidden: boolean): Promise<void>;
}

/**
 * Of a real full disk this is what a client of PostgreSQL sees: 53100 at whatever statement it is that needs room, and
 * reading goes on. To fill a real one would take a file system of its own, and so a mount, which tests may not make.
 */
const FULL_DISK = `
  CREATE SCHEMA faults;
  CREATE TABLE faults.disk ("isFull" boolean NOT NULL);
  INSERT INTO faults.disk VALUES (false);
  CREATE FUNCTION faults.extend() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF random() < 0.7 AND (SELECT "isFull" FROM faults.disk) THEN
      RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = 'disk_full';
    END IF;
    RETURN NULL;
  END $$;
  DO $$ DECLARE name text; BEGIN
    FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP
      EXECUTE format('CREATE TRIGGER disk BEFORE INSERT OR UPDATE ON public.%I EXECUTE FUNCTION faults.extend()', name);
    END LOOP;
  END $$`;

export async function openOwnDatabase(): Promise<OwnDatabase> {
  const folder = dataFolder();
  const parameters = { max_connections: '100', shared_buffers: '32MB', autovacuum: 'off' };
  const start = () => startEmbedded({ folder, fsync: false, parameters, log: silent });
  let server = await start();
  onTestFinished(() => server.stop());
  const { connectionString } = server;
  await migrate(connectionString, { log: silent });
  const run = (...statements: string[]) => runOn(connectionString, ...statements);
  await run(FULL_DISK);
  return {
    connectionString,
    socket: () => socketOf(connectionString),
    async end(signal) {
      process.kill(readServerId(folder), signal);
      await server.stop();
    },
    async start() {
      server = await start();
    },
    fill: (isFull) => run(`UPDATE faults.disk SET "isFull" = ${isFull}`),
    forbidWrites: (isForbidden) =>
      run(
        'SET default_transaction_read_only = off',
        `ALTER SYSTEM SET default_transaction_read_only = ${isForbidden}`,
        'SELECT pg_reload_conf()',
      ),
  };
}

/** Where the server of a connection string has its socket. */
export function socketOf(connectionString: string): NetConnectOpts {
  return { path: `${new URL(connectionString).searchParams.get('host')}/${SOCKET_FILE}` };
}

/** Runs statements beside all nodes. */
export async function runOn(connectionString: string, ...statements: readonly string[]): Promise<void> {
  await withDatabaseClient(connectionString, async (client) => {
    for (const statement of statements) await client.query(statement);
  });
}

/** Looks into the database beside all nodes. */
export async function withDatabaseClient<Result>(
  connectionString: string,
  look: (client: Client) => Promise<Result>,
): Promise<Result> {
  const client = createPgClient(connectionString);
  client.on('error', () => undefined);
  await client.connect();
  try {
    return await look(client);
  } finally {
    await client.end();
  }
}
