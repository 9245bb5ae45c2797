import type { Logger } from './logger.ts';
import { checkServerFacts, RefusedServerError, type ServerFacts } from './server-facts.ts';

/** A connection that the guard can cut. */
export interface GuardedConnection {
  cut(): void;
}

/**
 * Decides for all connections of a store whether their server may be used, and remembers the newest timeline. A server
 * with an older timeline was the primary before a failover: it does not know what has been revoked since.
 *
 * When a connection proves that its server is a standby, or that there is a newer timeline, the other connections that
 * this may concern are cut. They open again, and are checked again.
 */
export class ServerGuard {
  readonly #log: Logger;
  readonly #admitted = new Map<GuardedConnection, number | null>();
  #timeline = 0;
  #refusal: string | null = null;
  #lineCheck: Promise<void> | null = null;

  constructor(log: Logger) {
    this.#log = log;
  }

  /** Why the last server was refused; null if it was admitted. */
  get refusal(): string | null {
    return this.#refusal;
  }

  /** Admits a new connection. Throws a RefusedServerError if its server must not be used. */
  admit(connection: GuardedConnection, facts: ServerFacts): void {
    this.#check(facts);
    this.#admitted.set(connection, facts.timeline);
    if (this.#refusal === null) return;
    this.#refusal = null;
    this.#log.info('database accepted again');
  }

  /** Throws a RefusedServerError if the server of a new connection must not be used. */
  check(facts: ServerFacts): void {
    this.#check(facts);
  }

  /**
   * Checks what is between a new connection and its server. Connections that open meanwhile wait for that check and
   * share its result, so that it needs one connection more, however many open. If it refuses the line, it rejects with
   * the RefusedServerError, and all connections are cut.
   */
  async checkLine(check: () => Promise<void>): Promise<void> {
    this.#lineCheck ??= check().finally(() => (this.#lineCheck = null));
    await this.#lineCheck.catch((error: unknown) => {
      if (error instanceof RefusedServerError) this.refuse(error);
      throw error;
    });
  }

  /** Refuses the database for what it holds or what leads to it: cuts all connections. */
  refuse(error: RefusedServerError): void {
    this.#note(error);
    for (const connection of this.#admitted.keys()) this.#cut(connection);
  }

  /** Checks a server that is in use. If it must not be used any more, cuts all connections and throws. */
  recheck(facts: ServerFacts): void {
    try {
      this.#check(facts);
    } catch (error) {
      for (const connection of this.#admitted.keys()) this.#cut(connection);
      throw error;
    }
  }

  /** Forgets a connection that has ended. */
  remove(connection: GuardedConnection): void {
    this.#admitted.delete(connection);
  }

  #check(facts: ServerFacts): void {
    try {
      checkServerFacts(facts);
      const { timeline } = facts;
      if (timeline === null) return;
      if (timeline < this.#timeline)
        throw new RefusedServerError(
          `Database: found timeline ${timeline}; expected ${this.#timeline} or later: this server was the primary before a failover. Stop it, and rebuild it as a standby.`,
        );
      if (timeline > this.#timeline) this.#follow(timeline);
    } catch (error) {
      if (error instanceof RefusedServerError) this.#note(error);
      throw error;
    }
  }

  #note({ message }: RefusedServerError): void {
    if (this.#refusal === message) return;
    this.#refusal = message;
    this.#log.warn(`database refused: ${message}`);
  }

  #follow(timeline: number): void {
    this.#timeline = timeline;
    for (const [connection, older] of this.#admitted) {
      if (older !== null && older < timeline) this.#cut(connection);
    }
  }

  #cut(connection: GuardedConnection): void {
    this.#admitted.delete(connection);
    connection.cut();
  }
}
