import { HOUR_MS } from '../domain/duration.ts';
import type { Follower } from '../log/follower.ts';
import { maintainLog, type LogMaintenance } from '../log/maintain-log.ts';
import type { Cancel } from '../store/clock.ts';
import type { Core } from '../store/core.ts';
import type { RetentionRule } from '../store/retention-rule.ts';

const RUN_INTERVAL_MS = HOUR_MS;

/** How many rows one statement removes by default. */
const BATCH_SIZE = 1_000;

/**
 * The log is also maintained each time its head has passed this many positions, because it may need a partition sooner.
 */
const MAINTAIN_LOG_EVERY = 100_000n;

export interface RetentionOptions extends Pick<LogMaintenance, 'connect' | 'retentionMs' | 'partitionSize'> {
  /** Applied in this order. */
  readonly rules: readonly RetentionRule[];
  readonly follower: Pick<Follower, 'watch'>;
  /** How many rows one statement removes at most. */
  readonly batchSize?: number;
  readonly onFailure: (error: unknown) => void;
}

/**
 * Applies the rules of retention every hour: removes the rows that have expired, in batches. Also maintains the log,
 * which deletes expired events and creates the next partitions. Any number of nodes may do this at the same time.
 */
export class RetentionJob {
  readonly #core: Pick<Core, 'prisma' | 'clock'>;
  readonly #options: RetentionOptions;
  readonly #stopping = new AbortController();
  #timer: Cancel | null = null;
  #unwatch: Cancel | null = null;
  #running: Promise<void> = Promise.resolve();

  constructor(core: Pick<Core, 'prisma' | 'clock'>, options: RetentionOptions) {
    this.#core = core;
    this.#options = options;
  }

  start(): void {
    this.#unwatch = this.#options.follower.watch((events) => {
      if (events.some(({ position }) => position % MAINTAIN_LOG_EVERY === 0n))
        void this.#run(() => this.#maintainLog());
    });
    this.#schedule();
  }

  /** Stops after the batch in progress. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#timer?.();
    this.#unwatch?.();
    await this.#running;
  }

  /** Maintains the log and applies all rules now. A failure is reported, and does not prevent the rest. */
  async deleteExpired(): Promise<void> {
    await this.#maintainLog().catch(this.#options.onFailure);
    for (const rule of this.#options.rules) await this.#apply(rule).catch(this.#options.onFailure);
  }

  async #apply({ retentionMs, remove }: RetentionRule): Promise<void> {
    const { prisma, clock } = this.#core;
    const { batchSize = BATCH_SIZE } = this.#options;
    const before = new Date(clock.now().getTime() - retentionMs);
    for (let count = batchSize; count === batchSize && !this.#stopping.signal.aborted;) {
      count = await remove(prisma, before, batchSize);
    }
  }

  #maintainLog(): Promise<void> {
    const { connect, retentionMs, partitionSize } = this.#options;
    const { clock } = this.#core;
    return maintainLog({ clock, connect, retentionMs, partitionSize, signal: this.#stopping.signal });
  }

  #schedule(): void {
    if (this.#stopping.signal.aborted) return;
    this.#timer = this.#core.clock.after(RUN_INTERVAL_MS, () => {
      void this.#run(() => this.deleteExpired()).then(() => this.#schedule());
    });
  }

  /** Runs one task after the other. A failure is reported; the next run repeats the work. */
  #run(task: () => Promise<void>): Promise<void> {
    this.#running = this.#running.then(task).catch(this.#options.onFailure);
    return this.#running;
  }
}
