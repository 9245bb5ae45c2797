import { DAY_MS, HOUR_MS } from '../domain/duration.ts';
import { ANSWER_KEPT_MS, SECRET_KEPT_MS } from '../log/idempotency.ts';
import type { Cancel } from '../store/clock.ts';
import type { Core } from '../store/core.ts';

/** How often it is looked for what is over. */
const INTERVAL_MS = HOUR_MS;

/** How long the rows of sessions and invitations that are over are kept, for people who look into what happened. */
const ROWS_KEPT_MS = 30 * DAY_MS;

/** How long attempts to send to webhooks are kept, and the rows of webhooks that have ended: no answer names them after that. */
const WEBHOOKS_KEPT_MS = ANSWER_KEPT_MS;

/** Removes what is over: secrets that can no longer be repeated, old answers, sessions, invitations, attempts, webhooks. */
export class Housekeeper {
  readonly #core: Core;
  readonly #onFailure: (error: unknown) => void;
  #timer: Cancel | null = null;
  #running: Promise<void> = Promise.resolve();
  #isStopped = false;

  constructor(core: Core, onFailure: (error: unknown) => void) {
    this.#core = core;
    this.#onFailure = onFailure;
  }

  start(): void {
    this.#timer = this.#core.clock.after(INTERVAL_MS, () => {
      this.#running = this.tidy().catch(this.#onFailure);
      void this.#running.then(() => (this.#isStopped ? undefined : this.start()));
    });
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#timer?.();
    await this.#running;
  }

  async tidy(): Promise<void> {
    const { prisma, clock } = this.#core;
    const now = clock.now().getTime();
    const before = (ms: number) => ({ lt: new Date(now - ms) });
    await prisma.idempotencyRecord.updateMany({
      where: { createdAt: before(SECRET_KEPT_MS), sealed: { not: null } },
      data: { sealed: null },
    });
    await prisma.idempotencyRecord.deleteMany({ where: { createdAt: before(ANSWER_KEPT_MS) } });
    await prisma.session.deleteMany({ where: { expiresAt: before(ROWS_KEPT_MS) } });
    await prisma.invitation.deleteMany({ where: { expiresAt: before(ROWS_KEPT_MS), acceptedAt: null } });
    const ended = { endedAt: before(WEBHOOKS_KEPT_MS) };
    await prisma.webhookAttempt.deleteMany({ where: { OR: [{ at: before(WEBHOOKS_KEPT_MS) }, { webhook: ended }] } });
    await prisma.webhook.deleteMany({ where: ended });
  }
}
