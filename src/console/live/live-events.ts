import { createClient, type FormattedExecutionResult } from 'graphql-ws';
import { graphql } from '../api/graphql.ts';
import type { LiveSubscription } from '../api/operations.ts';
import { ObservableValue } from '../shell/observable-value.ts';

export type LiveEvent = LiveSubscription['events'];

/** GAP: events may have been missed, so that everything is to be read again. */
export type LiveChange = LiveEvent | 'GAP';

const document = graphql(`
  subscription Live($after: Cursor) {
    events(after: $after) {
      cursor
      type
      at
      keyId
      key {
        ...KeyRow
      }
    }
  }
`);

/** The close codes after which the same session cannot return: it has ended. */
const sessionEnds = [4401, 4403];

const RETRY_MS_MIN = 500;
const RETRY_MS_MAX = 10_000;
const PING_MS = 10_000;
const PONG_MS = 5_000;

/** After a connection of this length the next retry begins with the shortest wait again. */
const STABLE_MS = 5_000;

/** At most one GAP is sent to the pages in this time: each has them read everything again. */
const GAP_MS = 1_000;

type LiveResult = FormattedExecutionResult<LiveSubscription, unknown>;

interface LiveOptions {
  /** The end of the event log before a page of the session has read anything. */
  readonly cursor: string;
  /** Reads the present end of the event log. */
  readonly readCursor: () => Promise<string>;
  readonly onSessionEnd: () => void;
  /** The address of the API. Default: that of the gateway that served the page, with the cookie of the session. */
  readonly url?: string;
  /** Returns what a connection begins with: the credential. */
  readonly connectionParams?: () => Record<string, unknown>;
  /** Whether the session goes on, with a new credential, when the gateway has ended the connection. Default: it does not. */
  readonly mayReturn?: () => Promise<boolean>;
}

/**
 * The one subscription of the page. It continues from the cursor of the last event that it received, also after a restart of the
 * gateway. graphql-ws would subscribe again from the first cursor, and retry for ever after the session's end: each
 * connection here is a client of its own, without retries.
 */
export class LiveEvents {
  readonly status = new ObservableValue<'CONNECTING' | 'LIVE' | 'RECONNECTING'>('CONNECTING');
  readonly #options: LiveOptions;
  readonly #listeners = new Set<(change: LiveChange) => void>();
  /** null: the log cannot continue from where the page was. */
  #cursor: string | null;
  #gapTimer: ReturnType<typeof setTimeout> | undefined;
  #isGapDue = false;
  #isStopped = false;
  #wake = () => {};
  #close = () => {};

  constructor(options: LiveOptions) {
    this.#options = options;
    this.#cursor = options.cursor;
    window.addEventListener('online', this.#retryNow);
    void this.#run();
  }

  /** Calls a listener with each change. Returns what ends that. */
  listen(listener: (change: LiveChange) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  stop(): void {
    this.#isStopped = true;
    window.removeEventListener('online', this.#retryNow);
    clearTimeout(this.#gapTimer);
    this.#close();
    this.#wake();
  }

  readonly #retryNow = () => this.#wake();

  async #run(): Promise<void> {
    let waitMs = RETRY_MS_MIN;
    while (!this.#isStopped) {
      const startedAt = performance.now();
      try {
        if (this.#cursor === null) await this.#restart();
        if (!this.#isStopped) await this.#follow();
      } catch {
        // The gateway cannot be reached; the loop tries again.
      }
      if (this.#isStopped) return;
      if (performance.now() - startedAt > STABLE_MS) waitMs = RETRY_MS_MIN;
      this.status.set('RECONNECTING');
      // Pages that lost the same gateway do not return at the same moment.
      await this.#pause(waitMs * (0.5 + Math.random() / 2));
      waitMs = Math.min(waitMs * 2, RETRY_MS_MAX);
    }
  }

  /** Follows the log until the connection is lost. */
  #follow(): Promise<void> {
    return new Promise((resolve) => {
      let timer: ReturnType<typeof setTimeout> | undefined;
      const client = createClient({
        url: this.#options.url ?? `${window.location.origin.replace(/^http/, 'ws')}/graphql`,
        ...(this.#options.connectionParams !== undefined && { connectionParams: this.#options.connectionParams }),
        retryAttempts: 0,
        keepAlive: PING_MS,
        on: {
          connected: () => this.status.set('LIVE'),
          // A network that is gone without a word closes nothing.
          ping: (isReceived) => {
            if (!isReceived) timer = setTimeout(() => client.terminate(), PONG_MS);
          },
          pong: (isReceived) => {
            if (isReceived) clearTimeout(timer);
          },
          closed: (event) => {
            clearTimeout(timer);
            if (event instanceof CloseEvent && sessionEnds.includes(event.code)) resolve(this.#end());
            else resolve();
          },
        },
      });
      this.#close = () => void client.dispose();
      client.subscribe<LiveSubscription>(
        { query: String(document), variables: { after: this.#cursor } },
        {
          next: (result) => this.#receive(result),
          error: () => void client.dispose(),
          complete: () => void client.dispose(),
        },
      );
    });
  }

  #receive({ data, errors }: LiveResult): void {
    if (errors?.some(({ extensions }) => String(extensions?.['code']).startsWith('CURSOR_')) === true) {
      // Retention has deleted the events since the cursor, or the log is another one.
      this.#cursor = null;
      return;
    }
    if (data != null) this.#cursor = data.events.cursor;
    // An event with an error has holes, or is not there at all.
    if (data == null || errors !== undefined) this.tellGap();
    else this.#tell(data.events);
  }

  /** Continues from the present end of the log. What the pages read from then on has all events before it. */
  async #restart(): Promise<void> {
    this.#cursor = await this.#options.readCursor();
    if (!this.#isStopped) this.tellGap();
  }

  /** Has the pages read everything again: at once, and at most once in a second. */
  tellGap(): void {
    this.#isGapDue = this.#gapTimer !== undefined;
    if (this.#isGapDue) return;
    this.#tell('GAP');
    this.#gapTimer = setTimeout(() => {
      this.#gapTimer = undefined;
      if (this.#isGapDue) this.tellGap();
    }, GAP_MS);
  }

  async #end(): Promise<void> {
    if ((await this.#options.mayReturn?.()) === true) return;
    this.stop();
    this.#options.onSessionEnd();
  }

  #tell(change: LiveChange): void {
    for (const listener of this.#listeners) listener(change);
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
