import { DAY_MS, HOUR_MS } from '../domain/duration.ts';
import type { Follower } from '../log/follower.ts';
import { RESULT_RETENTION_MS, SECRET_REPLAY_MS } from '../log/idempotency.ts';
import { maintainLog, type LogMaintenance } from '../log/maintain-log.ts';
import type { Cancel } from '../store/clock.ts';
import type { Core } from '../store/core.ts';

const RUN_INTERVAL_MS = HOUR_MS;

/** How long rows of ended sessions, invitations and digests are retained, for investigations. */
const ROWS_RETENTION_MS = 30 * DAY_MS;

/** Short, because unauthenticated clients create rows of devices. Their events stay in the log. */
const DEVICES_RETENTION_MS = DAY_MS;

/**
 * Retention of delivery attempts and of ended webhooks: as long as a repeated request may return a result that names
 * them.
 */
const WEBHOOKS_RETENTION_MS = RESULT_RETENTION_MS;

/** How long the use of a token is retained after the token has expired. Clocks of nodes differ by less. */
const USED_TOKENS_MARGIN_MS = HOUR_MS;

/**
 * The log is also maintained each time its head has passed this many positions, because it may need a partition sooner.
 */
const MAINTAIN_LOG_EVERY = 100_000n;

export interface RetentionOptions extends Pick<LogMaintenance, 'connect' | 'retentionMs' | 'partitionSize'> {
  readonly follower: Pick<Follower, 'watch'>;
  readonly onFailure: (error: unknown) => void;
}

/**
 * Deletes hourly what has passed its retention: sealed secrets that may no longer be repeated, results under
 * idempotency keys, sessions, invitations, devices, digests, webhooks with their attempts, uses of tokens, and events
 * older than the log's retention. Also creates the log's next partitions.
 */
export class RetentionJob {
  readonly #core: Core;
  readonly #options: RetentionOptions;
  readonly #stopping = new AbortController();
  #timer: Cancel | null = null;
  #unwatch: Cancel | null = null;
  #running: Promise<void> = Promise.resolve();

  constructor(core: Core, options: RetentionOptions) {
    this.#core = core;
    this.#options = options;
  }

  start(): void {
    this.#unwatch = this.#options.follower.watch((events) => {
      if (events.some(({ position }) => position % MAINTAIN_LOG_EVERY === 0n)) this.#run(() => this.#maintainLog());
    });
    this.#schedule();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#timer?.();
    this.#unwatch?.();
    await this.#running;
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

  #maintainLog(): Promise<void> {
    const { connect, retentionMs, partitionSize } = this.#options;
    const { clock } = this.#core;
    return maintainLog({ clock, connect, retentionMs, partitionSize, signal: this.#stopping.signal });
  }

  async deleteExpired(): Promise<void> {
    await this.#maintainLog();
    const { prisma, clock } = this.#core;
    const now = clock.now().getTime();
    const before = (ms: number) => ({ lt: new Date(now - ms) });
    await prisma.idempotencyRecord.updateMany({
      where: { createdAt: before(SECRET_REPLAY_MS), sealed: { not: null } },
      data: { sealed: null },
    });
    await prisma.idempotencyRecord.deleteMany({ where: { createdAt: before(RESULT_RETENTION_MS) } });
    await prisma.session.deleteMany({ where: { expiresAt: before(ROWS_RETENTION_MS) } });
    await prisma.invitation.deleteMany({ where: { expiresAt: before(ROWS_RETENTION_MS), acceptedAt: null } });
    await prisma.device.deleteMany({ where: { expiresAt: before(DEVICES_RETENTION_MS) } });
    const finished = { tryAt: null, createdAt: before(ROWS_RETENTION_MS) };
    await prisma.noticeMail.deleteMany({ where: { digest: finished } });
    await prisma.digest.deleteMany({ where: finished });
    const ended = { endedAt: before(WEBHOOKS_RETENTION_MS) };
    await prisma.webhookAttempt.deleteMany({
      where: { OR: [{ at: before(WEBHOOKS_RETENTION_MS) }, { webhook: ended }] },
    });
    await prisma.webhook.deleteMany({ where: ended });
    await prisma.usedToken.deleteMany({ where: { keptUntil: before(USED_TOKENS_MARGIN_MS) } });
  }
}
