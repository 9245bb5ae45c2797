import type { Client } from 'pg';
import type { Cancel, Clock } from '../store/clock.ts';

/** How long after a lost connection the next one is tried. */
const RECONNECT_MS = 500;

/** How often the connection is tried; one that has not answered by the next time has been lost without a word. */
const HEARTBEAT_MS = 10_000;

export interface ListenerOptions {
  readonly clock: Clock;
  readonly channel: string;
  /** A new connection, to LISTEN on. */
  readonly connect: () => Promise<Client>;
  /** Somebody has notified, or may have while nobody listened. */
  readonly onNotification: () => void;
  readonly onFailure: (error: unknown) => void;
  /** In ms of the machine's own time: whether a network answers has nothing to do with what time it is. */
  readonly heartbeatMs?: number;
}

/** Listens on a channel of the database, by one connection at a time, and connects again when that is lost. */
export class Listener {
  readonly #options: ListenerOptions;
  #client: Client | null = null;
  #retry: Cancel | null = null;
  #isStopped = false;

  constructor(options: ListenerOptions) {
    this.#options = options;
  }

  /** Resolves when it listens; rejects when the first connection cannot be had. */
  start(): Promise<void> {
    return this.#listen();
  }

  /** Ends the connection; one that is just being made ends itself. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#retry?.();
    await this.#client?.end().catch(() => undefined);
    this.#client = null;
  }

  async #listen(): Promise<void> {
    const { connect, channel, onNotification } = this.#options;
    const client = await connect();
    let isLost = false;
    const lose = (error: Error) => {
      if (isLost) return;
      isLost = true;
      this.#lose(client, error);
    };
    client.on('notification', onNotification);
    client.on('error', lose);
    client.on('end', () => lose(new Error('The connection that follows the log has ended.')));
    try {
      await client.query(`LISTEN ${channel}`);
    } catch (error) {
      isLost = true;
      await client.end().catch(() => undefined);
      throw error;
    }
    if (isLost) return;
    this.#client = client;
    this.#beat(client, lose);
    if (this.#isStopped) await client.end().catch(() => undefined);
  }

  #beat(client: Client, lose: (error: Error) => void): void {
    let hasAnswered = true;
    const timer = setInterval(() => {
      if (hasAnswered) {
        hasAnswered = false;
        client.query('SELECT 1').then(() => (hasAnswered = true), lose);
        return;
      }
      // A process that stood still finds its timers first, and then the answers that have been there for long.
      setImmediate(() => {
        if (!hasAnswered) lose(new Error('The connection that follows the log does not answer.'));
      });
    }, this.#options.heartbeatMs ?? HEARTBEAT_MS).unref();
    client.once('end', () => clearInterval(timer));
  }

  #lose(client: Client, error: Error): void {
    if (this.#client === client) this.#client = null;
    void client.end().catch(() => undefined);
    if (this.#isStopped) return;
    this.#options.onFailure(error);
    this.#listenLater();
  }

  #listenLater(): void {
    if (this.#isStopped) return;
    this.#retry = this.#options.clock.after(RECONNECT_MS, () => {
      this.#listen().then(this.#options.onNotification, () => this.#listenLater());
    });
  }
}
