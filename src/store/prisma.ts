import { PrismaPg } from '@prisma/adapter-pg';
import { Pool, type Client, type ClientBase, type PoolConfig } from 'pg';
import { PrismaClient } from '../../prisma/generated/client/client.ts';
import { readDatabaseAddress } from './connection.ts';
import type { Logger } from './logger.ts';
import { readServerFacts, RefusedServerError } from './server-facts.ts';
import { ServerGuard } from './server-guard.ts';
import { SessionClient } from './session-client.ts';
import { createStatementNames } from './statement-names.ts';

/** The database, as the rest of Keytide uses it. */
export interface Store {
  readonly prisma: PrismaClient;
  /** Returns a dedicated connection to the same database, not yet connected, for LISTEN. The caller closes it. */
  openClient(): Client;
  /**
   * Reads the database's time, in ms since 1970, and checks the server on the way.
   *
   * Rejects with a RefusedServerError, and cuts all connections, if the server must not be used: see ServerGuard.
   */
  readDatabaseTime(): Promise<number>;
  /** Why the database was refused, as a public sentence; null if it was last accepted. */
  refusal(): string | null;
  /** Closes the pool after running queries have finished. */
  close(): Promise<void>;
}

export interface StoreOptions {
  /** Maximum number of open connections. */
  readonly poolSize: number;
  /** Query timeout, in ms of real time. */
  readonly queryTimeoutMs?: number;
  /** Checks what the database holds, at each connection and with the clock: see SessionPlan. */
  readonly checkContent?: (client: ClientBase) => Promise<void>;
  readonly log: Logger;
}

/** How long a query or a transaction waits for a connection before it fails. In milliseconds. */
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
  { poolSize, log, queryTimeoutMs = QUERY_TIMEOUT_MS, checkContent }: StoreOptions,
): Store {
  const address = readDatabaseAddress(connectionString);
  const guard = new ServerGuard(log);
  const idleTimeout = 'idle_in_transaction_session_timeout';
  const parameters = address.sets(idleTimeout) ? {} : { [idleTimeout]: String(IDLE_TRANSACTION_TIMEOUT_MS) };
  const config = {
    Client: SessionClient,
    session: { address, guard, parameters, checkContent },
    max: poolSize,
    connectionTimeoutMillis: CONNECTION_TIMEOUT_MS,
    query_timeout: queryTimeoutMs,
  };
  const nameOf = createStatementNames();
  const pool = new Pool(config as unknown as PoolConfig);
  const adapter = new PrismaPg(pool, {
    schema: address.schema,
    disposeExternalPool: true,
    onPoolError: (error) => log.warn(`idle database connection lost: ${error.message}`),
    // Its type lacks undefined, with which the adapter sends an unnamed statement.
    statementNameGenerator: ({ sql }) => nameOf(sql) as string,
  });
  const prisma = new PrismaClient({ adapter, transactionOptions: { maxWait: CONNECTION_TIMEOUT_MS } });
  return {
    prisma,
    openClient: () => new SessionClient({ session: { address, guard, checkContent } }),
    async readDatabaseTime() {
      const client = await pool.connect();
      try {
        const facts = await readServerFacts(client);
        guard.recheck(facts);
        await checkContent?.(client);
        client.release();
        return facts.databaseMs;
      } catch (error) {
        if (error instanceof RefusedServerError) guard.refuse(error);
        client.release(true);
        throw error;
      }
    },
    refusal: () => guard.refusal,
    async close() {
      await prisma.$disconnect();
      if (!pool.ending) await pool.end(); // Prisma ends the pool only if it has used it
    },
  };
}
