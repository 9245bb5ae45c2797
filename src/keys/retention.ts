import { DAY_MS, HOUR_MS } from '../domain/duration.ts';
import type { Follower } from '../log/follower.ts';
import { RESULT_RETENTION_MS, SECRET_REPLAY_MS } from '../log/idempotency.ts';
import { maintainLog, type LogMaintenance } from '../log/maintain-log.ts';
import type { Cancel } from '../store/clock.ts';
import type { Core } from '../store/core.ts';

/** How often it is looked for what is over. */
const RUN_INTERVAL_MS = HOUR_MS;

/** How long the rows of sessions, invitations and digests that are over are kept, for people who look into what happened. */
const ROWS_RETENTION_MS = 30 * DAY_MS;

/** Anybody can make rows of devices; what is told of them is in the log. */
const DEVICES_RETENTION_MS = DAY_MS;

/** How long attempts to send to webhooks are kept, and the rows of webhooks that have ended: no answer names them after that. */
const WEBHOOKS_RETENTION_MS = RESULT_RETENTION_MS;

/** How long after a token is over its use is kept: clocks of nodes differ, by less. */
const USED_TOKENS_MARGIN_MS = HOUR_MS;

/** The log may need room before the hour is over: it is looked after each time that its head has passed so many positions. */
const MAINTAIN_LOG_EVERY = 100_000n;

export interface RetentionOptions extends Pick<LogMaintenance, 'connect' | 'retentionMs' | 'partitionSize'> {
  readonly follower: Pick<Follower, 'watch'>;
  readonly onFailure: (error: unknown) => void;
}

/**
 * Removes what is over: secrets that can no longer be repeated, old answers, sessions, invitations, devices, digests,
 * webhooks and uses of tokens, and events older than the log's retention; and sees that the log has room.
 */
export class RetentionJob {
  readonly #core: Core;
  readonly #options: RetentionOptions;
  readonly #over = new AbortController();
  #timer: Cancel | null = null;
  #unwatch: Cancel | null = null;
  #running: Promise<void> = Promise.resolve();

  constructor(core: Core, options: RetentionOptions) {
    this.#core = core;
    this.#options = options;
  }

  start(): void {
    this.#unwatch = this.#options.follower.watch((events) => {
      if (events.some(({ position }) => position % MAINTAIN_LOG_EVERY === 0n)) this.#run(() => this.#tendLog());
    });
    this.#schedule();
  }

  async stop(): Promise<void> {
    this.#over.abort();
    this.#timer?.();
    this.#unwatch?.();
    await this.#running;
  }

  #schedule(): void {
    if (this.#over.signal.aborted) return;
    this.#timer = this.#core.clock.after(RUN_INTERVAL_MS, () => {
      void this.#run(() => this.deleteExpired()).then(() => this.#schedule());
    });
  }

  /** One after the other; what fails is told of, and done by the next. */
  #run(work: () => Promise<void>): Promise<void> {
    this.#running = this.#running.then(work).catch(this.#options.onFailure);
    return this.#running;
  }

  #tendLog(): Promise<void> {
    const { connect, retentionMs, partitionSize } = this.#options;
    const { clock } = this.#core;
    return maintainLog({ clock, connect, retentionMs, partitionSize, signal: this.#over.signal });
  }

  async deleteExpired(): Promise<void> {
    await this.#tendLog();
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
    const over = { tryAt: null, createdAt: before(ROWS_RETENTION_MS) };
    await prisma.noticeMail.deleteMany({ where: { digest: over } });
    await prisma.digest.deleteMany({ where: over });
    const ended = { endedAt: before(WEBHOOKS_RETENTION_MS) };
    await prisma.webhookAttempt.deleteMany({
      where: { OR: [{ at: before(WEBHOOKS_RETENTION_MS) }, { webhook: ended }] },
    });
    await prisma.webhook.deleteMany({ where: ended });
    await prisma.usedToken.deleteMany({ where: { keptUntil: before(USED_TOKENS_MARGIN_MS) } });
  }
}
