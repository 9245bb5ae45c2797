import { PrismaPg } from '@prisma/adapter-pg';
import type { Client } from 'pg';
import { PrismaClient } from '../../prisma/generated/client/client.ts';
import { createPgClient, prepareConnection } from './connection.ts';
import type { Logger } from './logger.ts';

/** The database, as the rest of Keytide uses it. */
export interface Store {
  readonly prisma: PrismaClient;
  /** Returns a dedicated connection to the same database, not yet connected, for LISTEN. The caller closes it. */
  openClient(): Client;
  /** Reads the database's time, in ms since 1970. */
  readDatabaseTime(): Promise<number>;
  /** Closes the pool after running queries have finished. */
  close(): Promise<void>;
}

export interface StoreOptions {
  /** Maximum number of open connections. */
  readonly poolSize: number;
  /** Query timeout, in ms of real time. */
  readonly queryTimeoutMs?: number;
  readonly log: Logger;
}

/** How long a query waits for a connection before it fails. In milliseconds. */
const CONNECTION_TIMEOUT_MS = 10_000;

/**
 * Query timeout, after which the connection counts as dead: a network that drops all packets reports no error. Longer
 * than any change may take. In milliseconds.
 */
const QUERY_TIMEOUT_MS = 35_000;

/**
 * Timeout after which the server ends an idle transaction, in ms. A node that is suspended or cut off in a transaction
 * (a frozen virtual machine, a lost network) holds its locks, including the lock on the log, and all other nodes wait.
 */
const IDLE_TRANSACTION_TIMEOUT_MS = 10_000;

/** Returns a store. It opens connections when they are needed, and again after they were lost. */
export function openStore(
  connectionString: string,
  { poolSize, log, queryTimeoutMs = QUERY_TIMEOUT_MS }: StoreOptions,
): Store {
  const adapter = new PrismaPg(
    {
      connectionString: prepareConnection(connectionString, [
        `idle_in_transaction_session_timeout=${IDLE_TRANSACTION_TIMEOUT_MS}`,
      ]),
      max: poolSize,
      connectionTimeoutMillis: CONNECTION_TIMEOUT_MS,
      query_timeout: queryTimeoutMs,
      keepAlive: true,
    },
    { onPoolError: (error) => log.warn(`idle database connection lost: ${error.message}`) },
  );
  const prisma = new PrismaClient({ adapter });
  return {
    prisma,
    openClient: () => createPgClient(connectionString),
    async readDatabaseTime() {
      const [row] = await prisma.$queryRaw<[{ ms: number }]>`
        SELECT (extract(epoch FROM clock_timestamp()) * 1000)::float8 AS ms`;
      return row.ms;
    },
    close: () => prisma.$disconnect(),
  };
}
