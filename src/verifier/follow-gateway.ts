import { GatewayClock } from './gateway-clock.ts';
import { GatewayError, readLines, type GatewayConnection } from './gateway-requests.ts';
import { RealmCopy } from './realm-copy.ts';

/** A connection that is silent for longer is dead: heads come each second. */
const SILENCE_MS = 10_000;

/** The delay after a failure doubles from the first to the last, and varies by half, so that verifiers do not return at once. */
const BACK_OFF_MS = { first: 200, last: 10_000 };

/** Tells the gateway that this reader evaluates `notBefore` and `allowedAddresses`: without it the gateway keeps such keys back. */
const EVALUATES = 'evaluates=restrictions&evaluates=brownouts';

export interface FollowOptions {
  readonly connection: GatewayConnection;
  readonly capacity: number;
  readonly onFailure: (error: unknown) => void;
  readonly clock: GatewayClock;
}

/** Keeps a copy of a realm up to date: a snapshot, then the log, with back-off after each failure, until `close`. */
export class GatewayFollower {
  readonly #options: FollowOptions;
  readonly #closing = new AbortController();
  readonly #ready = Promise.withResolvers<void>();
  readonly #done: Promise<void>;
  #copy: RealmCopy | null = null;
  #isFollowing = false;

  constructor(options: FollowOptions) {
    this.#options = options;
    this.#ready.promise.catch(() => undefined);
    this.#done = this.#run();
  }

  /** The newest complete copy; null: there is none yet. */
  get copy(): RealmCopy | null {
    return this.#copy;
  }

  /** Resolves when the first copy is complete and followed. Rejects if the follower is closed before. */
  get ready(): Promise<void> {
    return this.#ready.promise;
  }

  /** Returns the age of the copy in ms; infinite: there is none, or its age is unknown. */
  ageMs(): number {
    const asOfMs = this.#copy?.asOfMs ?? null;
    const nowMs = this.#options.clock.nowMs();
    return asOfMs === null || nowMs === null ? Number.POSITIVE_INFINITY : Math.max(0, nowMs - asOfMs);
  }

  async close(): Promise<void> {
    this.#closing.abort();
    this.#ready.reject(new GatewayError('The verifier is closed.', null));
    await this.#done;
  }

  async #run(): Promise<void> {
    let delayMs = BACK_OFF_MS.first;
    while (!this.#closing.signal.aborted) {
      this.#isFollowing = false;
      try {
        if (this.#copy === null) await this.#takeSnapshot();
        await this.#followLog();
      } catch (error) {
        if (this.#closing.signal.aborted) return;
        // The changes after the cursor are not all known.
        if (error instanceof GatewayError && error.status === 410)
          await this.#takeSnapshot().catch(this.#options.onFailure);
        else this.#options.onFailure(error);
      }
      if (this.#isFollowing) delayMs = BACK_OFF_MS.first;
      await this.#pause(delayMs * (0.5 + Math.random()));
      delayMs = Math.min(2 * delayMs, BACK_OFF_MS.last);
    }
  }

  /** Takes a snapshot. The copy before it answers until it is complete, and says how old it is. */
  async #takeSnapshot(): Promise<void> {
    const { connection, capacity } = this.#options;
    const copy = new RealmCopy(capacity);
    // The time in its head is not used: the line may have waited while the lines before it were applied.
    await this.#read(`/snapshot?${EVALUATES}`, (line) => copy.apply(line));
    if (copy.cursor === null) throw new GatewayError(`The snapshot of ${connection.url} is incomplete.`, null);
    this.#copy = copy;
  }

  async #followLog(): Promise<void> {
    const copy = this.#copy;
    if (copy === null) return;
    const { clock } = this.#options;
    let isFirstHead = true;
    await this.#read(`/log?after=${copy.cursor ?? ''}&${EVALUATES}`, (line) => {
      if (line.end?.reason === 'RESET') throw new GatewayError('Changes are missing.', 410);
      if (line.end?.reason === 'FORBIDDEN') throw new GatewayError('The verifier’s key has ended.', 403);
      if (line.head !== undefined) {
        // The first head of a connection is made after the request: it tells the time even after a suspension.
        if (isFirstHead && clock.nowMs() === null) clock.reset();
        isFirstHead = false;
        if (!clock.hear(line.head.time)) throw new GatewayError('The machine was suspended.', null);
        this.#isFollowing = true;
      }
      copy.apply(line);
      if (this.#isFollowing) this.#ready.resolve();
    });
  }

  /** Reads lines until the connection ends, is silent for too long, or `take` throws. */
  async #read(path: string, take: (line: Parameters<RealmCopy['apply']>[0]) => void): Promise<void> {
    const silent = new AbortController();
    const timer = setTimeout(() => silent.abort(), SILENCE_MS);
    timer.unref();
    try {
      const signal = AbortSignal.any([silent.signal, this.#closing.signal]);
      for await (const line of readLines(this.#options.connection, path, signal)) {
        timer.refresh();
        take(line);
      }
    } finally {
      clearTimeout(timer);
    }
  }

  async #pause(ms: number): Promise<void> {
    const { signal } = this.#closing;
    if (signal.aborted) return;
    await new Promise<void>((resolve) => {
      const end = () => {
        clearTimeout(timer);
        signal.removeEventListener('abort', end);
        resolve();
      };
      const timer = setTimeout(end, ms);
      timer.unref();
      signal.addEventListener('abort', end);
    });
  }
}
