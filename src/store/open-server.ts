import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Client } from 'pg';
import { readDatabaseAddress } from './connection.ts';
import { findRunningServer, startEmbedded } from './embedded.ts';
import type { Logger } from './logger.ts';
import { ServerGuard } from './server-guard.ts';
import { SessionClient } from './session-client.ts';
import { describeError, StoreError } from './store-error.ts';

/** A server for a command that works on the database. */
export interface OpenServer {
  readonly connectionString: string;
  /** Stops the server if it was started for the command. */
  stop(): Promise<void>;
}

export interface ServerPlace {
  /** Null: the embedded server. */
  readonly databaseUrl: string | null;
  readonly dataDir: string;
  readonly log: Logger;
}

/**
 * Returns the configured server to read from, which a gateway may use meanwhile. The embedded server is started if it does
 * not run.
 *
 * Throws a StoreError if the data folder has no database.
 */
export async function openServerToRead({ databaseUrl, dataDir, log }: ServerPlace): Promise<OpenServer> {
  const running = databaseUrl ?? (await findRunningServer(dataDir, log));
  if (running !== undefined) return { connectionString: running, stop: async () => undefined };
  if (!existsSync(join(dataDir, 'postgres')))
    throw new StoreError(
      `Data folder ${dataDir}: found no database; expected the gateway's: set KEYTIDE_DATA_DIR or DATABASE_URL as for the gateway.`,
    );
  return await startEmbedded({ folder: dataDir, log });
}

/**
 * Returns the configured server to write to. The embedded one is started, and created if there is none; a gateway that
 * uses the data folder must be stopped.
 */
export async function openServerToWrite({ databaseUrl, dataDir, log }: ServerPlace): Promise<OpenServer> {
  if (databaseUrl !== null) return { connectionString: databaseUrl, stop: async () => undefined };
  return await startEmbedded({ folder: dataDir, log });
}

/**
 * Opens a connection for one long task, without the timeouts that the operator may have set. The caller ends it.
 *
 * Throws a StoreError if the database cannot be reached, or if the gateway cannot use the server.
 */
export async function openTaskClient(connectionString: string, log: Logger): Promise<SessionClient & Client> {
  const address = readDatabaseAddress(connectionString);
  const guard = new ServerGuard({ ...log, warn: () => undefined });
  const client = new SessionClient({ session: { address, guard }, connectionTimeoutMillis: 10_000 });
  await client.connect().catch((error: unknown) => {
    if (error instanceof StoreError) throw error;
    throw new StoreError(`The database cannot be reached: ${describeError(error)}`, { cause: error });
  });
  await client.query(
    `SELECT set_config(name, '0', false) FROM pg_settings
     WHERE name IN ('statement_timeout', 'lock_timeout', 'idle_in_transaction_session_timeout', 'transaction_timeout')`,
  );
  return client;
}
