/** How many uses one request reports: as many as /verify accepts. */
const BATCH_SIZE = 100;

/** How long a use waits for others, so that they are reported together. */
const DELAY_MS = 1_000;

/** How long uses wait after the gateway could not be reached. */
const RETRY_MS = 10_000;

/** How many uses wait, and how many are remembered as reported, at most. */
const WAITING_MAX = 10_000;
const REPORTED_MAX = 100_000;

export interface ReportedUse {
  readonly secret: string;
  readonly consumer: string | null;
}

export interface UseReportOptions {
  /** Reports uses to the gateway. Rejects if it has not received them. */
  readonly send: (uses: readonly ReportedUse[]) => Promise<void>;
  /** The interval in which a secret is reported once for each consumer, in ms. */
  readonly intervalMs: number;
  readonly nowMs: () => number;
  readonly onFailure: (error: unknown) => void;
}

/**
 * Reports uses that the gateway has not seen: the first of a secret by a consumer at once, further ones once in an interval.
 * A use that could not be reported is reported again later.
 */
export class UseReports {
  readonly #options: UseReportOptions;
  /** When each secret was reported for each consumer, the oldest report first. */
  readonly #reportedAtMs = new Map<string, number>();
  #waiting: [name: string, use: ReportedUse][] = [];
  #timer: NodeJS.Timeout | null = null;
  #sending: Promise<void> = Promise.resolve();
  #isClosed = false;

  constructor(options: UseReportOptions) {
    this.#options = options;
  }

  /** Notes a use of a secret with a digest. */
  note(digest: string, use: ReportedUse): void {
    const name = use.consumer === null ? digest : `${digest} ${use.consumer}`;
    const nowMs = this.#options.nowMs();
    const reportedAtMs = this.#reportedAtMs.get(name);
    if (reportedAtMs !== undefined && nowMs - reportedAtMs < this.#options.intervalMs) return;
    if (this.#waiting.length >= WAITING_MAX) return;
    this.#reportedAtMs.delete(name);
    if (this.#reportedAtMs.size >= REPORTED_MAX) this.#forgetOldest();
    this.#reportedAtMs.set(name, nowMs);
    this.#waiting.push([name, use]);
    this.#timer ??= setTimeout(() => void this.flush(), DELAY_MS).unref();
  }

  /** Reports what waits. Resolves when the gateway has it, or the attempt has failed. */
  flush(): Promise<void> {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    const waiting = this.#waiting;
    this.#waiting = [];
    this.#sending = this.#sending.then(() => this.#send(waiting));
    return this.#sending;
  }

  /** Reports what waits, once, and no more after that. */
  close(): Promise<void> {
    this.#isClosed = true;
    return this.flush();
  }

  async #send(waiting: readonly [name: string, use: ReportedUse][]): Promise<void> {
    for (let index = 0; index < waiting.length; index += BATCH_SIZE) {
      const batch = waiting.slice(index, index + BATCH_SIZE);
      try {
        await this.#options.send(batch.map(([, use]) => use));
      } catch (error) {
        this.#options.onFailure(error);
        this.#waiting.unshift(...waiting.slice(index));
        if (!this.#isClosed) this.#timer ??= setTimeout(() => void this.flush(), RETRY_MS).unref();
        return;
      }
    }
  }

  #forgetOldest(): void {
    const { value } = this.#reportedAtMs.keys().next();
    if (value !== undefined) this.#reportedAtMs.delete(value);
  }
}
