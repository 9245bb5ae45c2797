import type { Client } from 'pg';
import type { Cancel, Clock } from '../store/clock.ts';

/** Delay before a reconnect. */
const RECONNECT_MS = 500;

/** Heartbeat interval. A connection that has not responded by the next heartbeat counts as lost. */
const HEARTBEAT_MS = 10_000;

export interface ListenerOptions {
  readonly clock: Clock;
  readonly channel: string;
  /** Opens a new connection for LISTEN. */
  readonly connect: () => Promise<Client>;
  /** Called on a notification, and after a reconnect, because notifications may have been missed. */
  readonly onNotification: () => void;
  readonly onFailure: (error: unknown) => void;
  /** In ms of real time, not of the injected clock, because it measures the network. */
  readonly heartbeatMs?: number;
}

/** Listens on a channel of the database over one connection at a time, and reconnects when it is lost. */
export class Listener {
  readonly #options: ListenerOptions;
  #client: Client | null = null;
  #retry: Cancel | null = null;
  #isStopped = false;

  constructor(options: ListenerOptions) {
    this.#options = options;
  }

  /** Resolves when LISTEN is active; rejects if the first connection fails. */
  start(): Promise<void> {
    return this.#listen();
  }

  /** Closes the connection. A connection that is still being opened closes itself. */
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
    const onLost = (error: Error) => {
      if (isLost) return;
      isLost = true;
      this.#handleLoss(client, error);
    };
    client.on('notification', onNotification);
    client.on('error', onLost);
    client.on('end', () => onLost(new Error('The LISTEN connection ended.')));
    try {
      await client.query(`LISTEN ${channel}`);
    } catch (error) {
      isLost = true;
      await client.end().catch(() => undefined);
      throw error;
    }
    if (isLost) return;
    this.#client = client;
    this.#startHeartbeat(client, onLost);
    if (this.#isStopped) await client.end().catch(() => undefined);
  }

  #startHeartbeat(client: Client, onLost: (error: Error) => void): void {
    let hasResponded = true;
    const timer = setInterval(() => {
      if (hasResponded) {
        hasResponded = false;
        client.query('SELECT 1').then(() => (hasResponded = true), onLost);
        return;
      }
      // After a suspended process resumes, its timers fire before it reads the responses that arrived in the meantime.
      setImmediate(() => {
        if (!hasResponded) onLost(new Error('The LISTEN connection missed a heartbeat.'));
      });
    }, this.#options.heartbeatMs ?? HEARTBEAT_MS).unref();
    client.once('end', () => clearInterval(timer));
  }

  #handleLoss(client: Client, error: Error): void {
    if (this.#client === client) this.#client = null;
    void client.end().catch(() => undefined);
    if (this.#isStopped) return;
    this.#options.onFailure(error);
    this.#scheduleReconnect();
  }

  #scheduleReconnect(): void {
    if (this.#isStopped) return;
    this.#retry = this.#options.clock.after(RECONNECT_MS, () => {
      this.#listen().then(this.#options.onNotification, () => this.#scheduleReconnect());
    });
  }
}
