import type { Event, WebhookDelivery } from '../../../prisma/generated/client/client.ts';
import { RECEIVER_FAULT_THRESHOLD } from '../../domain/retry.ts';
import { hasCome } from '../../domain/key.ts';
import { change } from '../../log/change.ts';
import { readBounds } from '../../log/head.ts';
import { hasRequiredLabels, readMatchingEvents } from '../../webhooks/matching-events.ts';
import type { WebhookCore } from '../../webhooks/webhook-core.ts';
import { attemptDelivery, type DeliveryAttempt } from './attempt-delivery.ts';
import { releaseLease, acquireLease, LeaseLost, type LeasedWebhook } from './lease.ts';
import { queueDelivery, recordDelivery, recordGap, recordMissingEvent, type EventDelivery } from './record-delivery.ts';
import { recordFailure } from './record-failure.ts';

/** How many events a turn sends at most, so that others have theirs. */
const EVENTS_PER_RUN_MAX = 50;

export interface DeliveryRunOptions {
  readonly timeoutMs: number;
  readonly onAttempt: (outcome: DeliveryAttempt['outcome']) => void;
  /** Whether it is to end before its next event. */
  readonly shouldStop: () => boolean;
}

/** How a turn ended: there was nothing to do, all was sent, something failed, or there is more. */
export type DeliveryRunResult = 'NOTHING' | 'SENT' | 'FAILED' | 'MORE';

/** Takes a webhook, if it is free, and sends what is due, one after the other. What fails ends the turn. */
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
  /** The first of each key that waits; a key that is none stands for what is of no key. */
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
    // What was never tried tells more of a receiver that rests than what has failed before.
    const steps = this.#isResting
      ? [() => this.#sendNew(), () => this.#sendWaiting()]
      : [() => this.#sendWaiting(), () => this.#sendNew()];
    let end: DeliveryRunResult = 'SENT';
    for (const step of steps) {
      end = await step();
      if (end !== 'SENT') break;
    }
    await releaseLease(this.#core, this.#leased, { position: this.#position, hasMore: end !== 'SENT' });
    return end;
  }

  get #isResting(): boolean {
    return this.#failuresInRow >= RECEIVER_FAULT_THRESHOLD;
  }

  get #isOver(): boolean {
    return this.#sentCount >= EVENTS_PER_RUN_MAX || this.#options.shouldStop();
  }

  /** Sends what waits and is due: of each key the first, and when that is through the next. */
  async #sendWaiting(): Promise<DeliveryRunResult> {
    for (;;) {
      await this.#readWaiting();
      const row = this.#nextWaiting();
      if (row === null) return 'SENT';
      if (this.#isOver) return 'MORE';
      const event = await this.#core.prisma.event.findUnique({ where: { position: row.position } });
      if (event === null) await change(this.#core, (change) => recordMissingEvent(change, this.#leased, row));
      else if (!(await this.#send({ event, row }))) return 'FAILED';
    }
  }

  #nextWaiting(): WebhookDelivery | null {
    const now = this.#core.clock.now();
    const isDue = ({ nextAttemptAt }: WebhookDelivery) => nextAttemptAt === null || hasCome(nextAttemptAt, now);
    const all = [...this.#waiting.values()];
    const due = this.#isResting ? all : all.filter(isDue);
    return due.toSorted((a, b) => a.attemptCount - b.attemptCount || Number(a.position - b.position))[0] ?? null;
  }

  /** Sends what the cursor comes to, up to the log's present end. */
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
        most: EVENTS_PER_RUN_MAX,
      });
      for (const event of events) {
        if (this.#isOver) return 'MORE';
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

  /** Tries one event, and records what came of it. Returns whether it was delivered. */
  async #send(tried: EventDelivery): Promise<boolean> {
    this.#sentCount += 1;
    const made = await attemptDelivery(this.#core, this.#leased, tried.event, this.#options.timeoutMs);
    this.#options.onAttempt(made.outcome);
    const course = { failuresInRow: this.#failuresInRow, deliveredAt: this.#deliveredAt };
    const wasResting = this.#isResting;
    if (made.outcome !== 'DELIVERED') {
      await change(this.#core, (change) => recordFailure(change, this.#leased, tried, made, course));
      if (tried.row === null) this.#position = tried.event.position;
      return false;
    }
    await change(this.#core, (change) => recordDelivery(change, this.#leased, tried, made, wasResting));
    this.#failuresInRow = 0;
    this.#deliveredAt = made.at;
    return true;
  }

  async #readWaiting(): Promise<void> {
    const rows = await this.#core.prisma.$queryRaw<WebhookDelivery[]>`
      SELECT DISTINCT ON ("keyId") * FROM "WebhookDelivery"
      WHERE "webhookId" = ${this.#leased.webhook.id} AND state = 'WAITING' ORDER BY "keyId", position`;
    this.#waiting = new Map(rows.map((row) => [row.keyId, row]));
  }
}
