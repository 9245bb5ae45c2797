import { PrismaPg } from '@prisma/adapter-pg';
import type { Client } from 'pg';
import { PrismaClient } from '../../prisma/generated/client/client.ts';
import { createPgClient, prepareConnection } from './connection.ts';
import type { Logger } from './logger.ts';

/** The database as the rest of Keytide sees it. */
export interface Store {
  readonly prisma: PrismaClient;
  /** A connection of one's own to the same database, not yet connected: to LISTEN on. The caller ends it. */
  openClient(): Client;
  /** The database's time, in milliseconds since 1970. */
  readDatabaseTime(): Promise<number>;
  /** Ends the pool once what runs has finished. */
  close(): Promise<void>;
}

export interface StoreOptions {
  /** Most connections that are open at once. */
  readonly poolSize: number;
  /** How long a statement may go unanswered, in ms of the machine's own time. */
  readonly queryTimeoutMs?: number;
  readonly log: Logger;
}

/** How long a statement waits for a connection before it fails. In milliseconds. */
const CONNECTION_TIMEOUT_MS = 10_000;

/**
 * How long a statement may go unanswered before its connection counts as dead: a network that swallows everything says
 * nothing. Longer than any change may take. In milliseconds.
 */
const QUERY_TIMEOUT_MS = 35_000;

/**
 * How long a node may leave a transaction of its own lying before the server ends it. A node that is stopped or cut off in
 * the middle of one (a frozen virtual machine, a lost network) holds its locks, the log's among them, and all others wait.
 */
const IDLE_TRANSACTION_TIMEOUT_MS = 10_000;

/** Opens nothing yet: connections are made as they are needed, and again when they were lost. */
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
    { onPoolError: (error) => log.warn(`An idle connection to the database was lost: ${error.message}`) },
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
