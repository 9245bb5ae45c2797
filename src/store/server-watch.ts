import { createPgClient } from './connection.ts';
import { describeError } from './store-error.ts';
import type { Logger } from './logger.ts';

/** Delay before the first restart, and the maximum to which it doubles. In ms. */
const RESTART_MS = 250;
const RESTART_MAX_MS = 30_000;

export interface ServerWatchOptions {
  readonly connectionString: string;
  /** Starts the server, or adopts it if it runs. Rejects if it does not start. */
  readonly start: () => Promise<unknown>;
  readonly log: Logger;
}

/**
 * Watches a server over a connection of its own, and starts it again when it has ended: killed, out of memory, out of
 * disk space. Repeats a start that fails, with back-off, for as long as it takes.
 */
export class ServerWatch {
  readonly #options: ServerWatchOptions;
  readonly #stopping = Promise.withResolvers<void>();
  #isStopped = false;
  #run: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;

  constructor(options: ServerWatchOptions) {
    this.#options = options;
  }

  /** Begins to watch. Resolves when the connection is open. */
  async begin(): Promise<void> {
    const opened = Promise.withResolvers<void>();
    this.#run = this.#watch(opened.resolve);
    await opened.promise;
  }

  /** Stops watching. Resolves when no start runs any more. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#stopping.resolve();
    await this.#run;
    clearTimeout(this.#timer);
  }

  async #watch(onOpen: () => void): Promise<void> {
    const { connectionString, start, log } = this.#options;
    let delayMs = RESTART_MS;
    while (!this.#isStopped) {
      const client = createPgClient(connectionString);
      const ended = new Promise<void>((resolve) => client.once('end', resolve).on('error', () => resolve()));
      const isOpen = await client.connect().then(
        () => true,
        () => false,
      );
      onOpen();
      if (isOpen) {
        delayMs = RESTART_MS;
        await Promise.race([ended, this.#stopping.promise]);
      }
      void client.end().catch(() => undefined);
      if (this.#isStopped) return;
      log.warn('the embedded PostgreSQL has ended or cannot be reached; starting it again');
      await this.#pause(delayMs);
      delayMs = Math.min(delayMs * 2, RESTART_MAX_MS);
      if (this.#isStopped) return;
      try {
        await start();
        log.info('the embedded PostgreSQL runs again');
      } catch (error) {
        log.warn(`the embedded PostgreSQL does not start, next attempt in ${delayMs} ms: ${describeError(error)}`);
      }
    }
  }

  #pause(ms: number): Promise<void> {
    const waited = new Promise<void>((resolve) => {
      this.#timer = setTimeout(resolve, ms).unref();
    });
    return Promise.race([waited, this.#stopping.promise]);
  }
}
