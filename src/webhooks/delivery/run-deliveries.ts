import type { Event, WebhookDelivery } from '../../../prisma/generated/client/client.ts';
import { RECEIVER_FAULT_THRESHOLD } from '../../domain/retry.ts';
import { hasCome } from '../../domain/key.ts';
import { change } from '../../log/change.ts';
import { readBounds } from '../../log/head.ts';
import { hasRequiredLabels, readMatchingEvents } from '../matching-events.ts';
import type { WebhookCore } from '../webhook-core.ts';
import { attemptDelivery, type DeliveryAttempt } from './attempt-delivery.ts';
import { releaseLease, acquireLease, LeaseLost, type LeasedWebhook } from './lease.ts';
import { queueDelivery, recordDelivery, recordGap, recordMissingEvent, type EventDelivery } from './record-delivery.ts';
import { recordFailure } from './record-failure.ts';

/** How many events a run sends at most, so that other webhooks get their share. */
const EVENTS_PER_RUN_MAX = 50;

export interface DeliveryRunOptions {
  readonly timeoutMs: number;
  readonly onAttempt: (outcome: DeliveryAttempt['outcome']) => void;
  /** Returns whether the run should end before its next event. */
  readonly shouldStop: () => boolean;
}

/**
 * How a run ended. NOTHING: the webhook could not be leased. SENT: nothing more is due. MORE: the run ended with work
 * left.
 */
export type DeliveryRunResult = 'NOTHING' | 'SENT' | 'FAILED' | 'MORE';

/** Leases a webhook, if it is free, and sends what is due, one event after the other. A failure ends the run. */
export async function runDeliveries(
  core: WebhookCore,
  id: string,
  options: DeliveryRunOptions,
): Promise<DeliveryRunResult> {
  const leased = await acquireLease(core, id);
  if (leased === null) return 'NOTHING';
  try {
    return await new DeliveryRun(core, leased, options).run();
  } catch (error) {
    if (error instanceof LeaseLost) return 'NOTHING';
    throw error;
  }
}

/** One node's work on one webhook that it has leased. */
class DeliveryRun {
  readonly #core: WebhookCore;
  readonly #leased: LeasedWebhook;
  readonly #options: DeliveryRunOptions;
  #position: bigint;
  #failuresInRow: number;
  #deliveredAt: Date | null;
  /** The first waiting delivery of each key. The key null stands for events without a key. */
  #waiting = new Map<string | null, WebhookDelivery>();
  #sentCount = 0;

  constructor(core: WebhookCore, leased: LeasedWebhook, options: DeliveryRunOptions) {
    const { position, failuresInRow, deliveredAt } = leased.webhook;
    this.#core = core;
    this.#leased = leased;
    this.#options = options;
    this.#position = position;
    this.#failuresInRow = failuresInRow;
    this.#deliveredAt = deliveredAt;
  }

  async run(): Promise<DeliveryRunResult> {
    await this.#readWaiting();
    // Probes a receiver that backs off with a new event: one that failed before may be the cause itself.
    const steps = this.#isBackingOff
      ? [() => this.#sendNew(), () => this.#sendWaiting()]
      : [() => this.#sendWaiting(), () => this.#sendNew()];
    let result: DeliveryRunResult = 'SENT';
    for (const step of steps) {
      result = await step();
      if (result !== 'SENT') break;
    }
    await releaseLease(this.#core, this.#leased, { position: this.#position, hasMore: result !== 'SENT' });
    return result;
  }

  get #isBackingOff(): boolean {
    return this.#failuresInRow >= RECEIVER_FAULT_THRESHOLD;
  }

  get #isAtLimit(): boolean {
    return this.#sentCount >= EVENTS_PER_RUN_MAX || this.#options.shouldStop();
  }

  /** Sends the waiting deliveries that are due: the first of each key, and after its delivery the next. */
  async #sendWaiting(): Promise<DeliveryRunResult> {
    for (;;) {
      await this.#readWaiting();
      const row = this.#nextWaiting();
      if (row === null) return 'SENT';
      if (this.#isAtLimit) return 'MORE';
      const event = await this.#core.prisma.event.findUnique({ where: { position: row.position } });
      if (event === null) await change(this.#core, (change) => recordMissingEvent(change, this.#leased, row));
      else if (!(await this.#send({ event, row }))) return 'FAILED';
    }
  }

  #nextWaiting(): WebhookDelivery | null {
    const now = this.#core.clock.now();
    const isDue = ({ nextAttemptAt }: WebhookDelivery) => nextAttemptAt === null || hasCome(nextAttemptAt, now);
    const all = [...this.#waiting.values()];
    const due = this.#isBackingOff ? all : all.filter(isDue);
    return due.toSorted((a, b) => a.attemptCount - b.attemptCount || Number(a.position - b.position))[0] ?? null;
  }

  /** Sends the events after the cursor, up to the log's current end. */
  async #sendNew(): Promise<DeliveryRunResult> {
    const { webhook } = this.#leased;
    const { head, oldest } = await readBounds(this.#core);
    if (this.#position < oldest - 1n) {
      await change(this.#core, (change) => recordGap(change, this.#leased, oldest - 1n));
      this.#position = oldest - 1n;
    }
    for (;;) {
      const events = await readMatchingEvents(this.#core, webhook, {
        after: this.#position,
        head,
        limit: EVENTS_PER_RUN_MAX,
      });
      for (const event of events) {
        if (this.#isAtLimit) return 'MORE';
        if ((await hasRequiredLabels(this.#core, webhook, event)) && !(await this.#sendOrQueue(event))) return 'FAILED';
        this.#position = event.position;
      }
      if (events.length === EVENTS_PER_RUN_MAX) continue;
      if (head > this.#position) this.#position = head;
      return 'SENT';
    }
  }

  async #sendOrQueue(event: Event): Promise<boolean> {
    if (!this.#waiting.has(event.keyId)) return this.#send({ event, row: null });
    await change(this.#core, (change) => queueDelivery(change, this.#leased, event));
    return true;
  }

  /** Attempts one event and records the outcome. Returns whether it was delivered. */
  async #send(delivery: EventDelivery): Promise<boolean> {
    this.#sentCount += 1;
    const attempt = await attemptDelivery(this.#core, this.#leased, delivery.event, this.#options.timeoutMs);
    this.#options.onAttempt(attempt.outcome);
    const progress = { failuresInRow: this.#failuresInRow, deliveredAt: this.#deliveredAt };
    const wasBackingOff = this.#isBackingOff;
    if (attempt.outcome !== 'DELIVERED') {
      await change(this.#core, (change) => recordFailure(change, this.#leased, delivery, attempt, progress));
      if (delivery.row === null) this.#position = delivery.event.position;
      return false;
    }
    await change(this.#core, (change) => recordDelivery(change, this.#leased, delivery, attempt, wasBackingOff));
    this.#failuresInRow = 0;
    this.#deliveredAt = attempt.at;
    return true;
  }

  async #readWaiting(): Promise<void> {
    const rows = await this.#core.prisma.$queryRaw<WebhookDelivery[]>`
      SELECT DISTINCT ON ("keyId") * FROM "WebhookDelivery"
      WHERE "webhookId" = ${this.#leased.webhook.id} AND state = 'WAITING' ORDER BY "keyId", position`;
    this.#waiting = new Map(rows.map((row) => [row.keyId, row]));
  }
}
