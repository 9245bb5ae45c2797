import type { Socket } from 'node:net';
import { Client, type ClientConfig } from 'pg';
import type { DatabaseAddress } from './connection.ts';
import { markDatabaseError } from './database-errors.ts';
import { checkPooler } from './find-pooler.ts';
import { readServerFacts, RefusedServerError } from './server-facts.ts';
import type { GuardedConnection, ServerGuard } from './server-guard.ts';
import { sessionStatement } from './session-parameters.ts';

/** How a session is prepared. */
export interface SessionPlan {
  readonly address: DatabaseAddress;
  readonly guard: ServerGuard;
  /** Session parameters besides the required ones. */
  readonly parameters?: Readonly<Record<string, string>>;
  /** Rejects with a RefusedServerError if the gateway must not use what the database holds. */
  readonly checkContent?: ((client: Client) => Promise<void>) | undefined;
}

/**
 * A client that may be used as soon as it has connected: its session has the parameters that the gateway relies on, and
 * its server was admitted. Otherwise `connect` rejects, with a RefusedServerError or with the driver's error.
 */
export class SessionClient extends Client implements GuardedConnection {
  readonly #plan: SessionPlan;

  constructor({ session, ...config }: ClientConfig & { readonly session: SessionPlan }) {
    super({ ...config, connectionString: session.address.url, keepAlive: true });
    this.#plan = session;
    const { connection } = this as unknown as {
      connection: { on(event: 'error', handle: (error: Error) => void): void };
    };
    connection.on('error', markDatabaseError); // before the client's own listener, which is added by `connect`
    this.on('error', () => undefined); // statements and the pool get the error as well; without a listener it would be uncaught
  }

  override connect(): Promise<Client>;
  override connect(callback: (error: Error) => void): void;
  override connect(report?: (error: Error) => void): Promise<Client> | void {
    const connected = this.#open();
    if (report === undefined) return connected;
    const reportSuccess = report as () => void; // the pool expects no error when the connection is open
    connected.then(() => reportSuccess(), report);
  }

  async #open(): Promise<this> {
    const { address, guard, parameters, checkContent } = this.#plan;
    try {
      await super.connect();
      this.once('end', () => guard.remove(this));
      const facts = await readServerFacts(this);
      guard.check(facts);
      await guard.checkLine(() => checkPooler(this, address.url, facts));
      await this.query(sessionStatement(address, parameters));
      await checkContent?.(this).catch((error: unknown) => {
        // What the database holds is the same for all connections.
        if (error instanceof RefusedServerError) guard.refuse(error);
        throw error;
      });
      guard.admit(this, facts);
      return this;
    } catch (error) {
      markDatabaseError(error);
      void this.end().catch(() => undefined);
      throw error;
    }
  }

  /** Breaks the connection. A running statement fails, and the pool or the listener opens another connection. */
  cut(): void {
    (this as unknown as { connection: { stream: Socket } }).connection.stream.destroy();
  }
}
