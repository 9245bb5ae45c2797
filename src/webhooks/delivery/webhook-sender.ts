import { MINUTE_MS, SECOND_MS } from '../../domain/duration.ts';
import { hasCome, addMs } from '../../domain/key.ts';
import type { Follower } from '../../log/follower.ts';
import type { Cancel } from '../../store/clock.ts';
import type { WebhookCore } from '../webhook-core.ts';
import type { DeliveryAttempt } from './attempt-delivery.ts';
import { readLaggingWebhooks, readDueWebhooks } from './read-due-webhooks.ts';
import { runDeliveries } from './run-deliveries.ts';
import { ActiveWebhooks } from './active-webhooks.ts';

/** How many webhooks a node sends to concurrently, and how many of these may be suspects, which failed or were slow. */
const CONCURRENT_RUNS_MAX = 16;
const CONCURRENT_SUSPECT_RUNS_MAX = 4;

/** How often the sender polls for webhooks that are due. */
const POLL_MS = SECOND_MS;

/** How often the sender polls for idle webhooks whose cursors are behind the log. */
const LAG_POLL_MS = MINUTE_MS;

export interface WebhookSenderOptions {
  readonly follower: Follower;
  /** The time limit of an attempt, in ms of the machine's monotonic clock. */
  readonly timeoutMs: number;
  /** Returns false while this node's clock is not trusted: it cannot know which leases it has. */
  readonly maySend: () => boolean;
  readonly onAttempt: (outcome: DeliveryAttempt['outcome']) => void;
  readonly onFailure: (error: unknown) => void;
}

/**
 * Sends events to webhooks. Any number of nodes share the work. The log wakes every node for the webhooks that an event
 * matches, and polling finds those that are due; one node leases the webhook. Webhooks that fail or are slow get only a
 * part of the concurrent runs, so that they cannot starve the others.
 */
export class WebhookSender {
  readonly #core: WebhookCore;
  readonly #options: WebhookSenderOptions;
  readonly #watchList: ActiveWebhooks;
  /** The ids of the webhooks that wait for a run, first in, first out. */
  readonly #queue = new Set<string>();
  readonly #running = new Map<string, Promise<void>>();
  /** Webhooks that were woken during their run, and so run again. */
  readonly #rerun = new Set<string>();
  readonly #suspects = new Set<string>();
  #runningSuspects = 0;
  #unwatch: Cancel = () => undefined;
  #timer: Cancel = () => undefined;
  #polling: Promise<void> = Promise.resolve();
  #matching: Promise<void> = Promise.resolve();
  #lagPollAt = new Date(0);
  /** The log's end at start, until all cursors have caught up with it; then null. */
  #startupHead: bigint | null = null;
  #isStopping = false;

  constructor(core: WebhookCore, options: WebhookSenderOptions) {
    this.#core = core;
    this.#options = options;
    this.#watchList = new ActiveWebhooks(core, (id) => this.#wake(id));
  }

  /** Starts sending, first what was not sent while no node was running. */
  start(): void {
    this.#unwatch = this.#options.follower.watch((events) => {
      this.#matching = this.#watchList.match(events).catch(this.#options.onFailure);
    });
    this.#startupHead = this.#options.follower.head;
    this.#poll();
  }

  /** Starts nothing new, and resolves when the running requests have ended. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    this.#unwatch();
    this.#timer();
    this.#queue.clear();
    await this.settled();
  }

  /** Resolves when this node has nothing more to send now. */
  async settled(): Promise<void> {
    await Promise.all([this.#polling, this.#matching]);
    while (this.#running.size > 0) await Promise.all(this.#running.values());
  }

  #poll(): void {
    this.#polling = this.#queueDue().catch(this.#options.onFailure);
    void this.#polling.then(() => {
      if (!this.#isStopping) this.#timer = this.#core.clock.after(POLL_MS, () => this.#poll());
    });
  }

  async #queueDue(): Promise<void> {
    // Retries events whose matching failed when they arrived.
    await this.#watchList.match([]);
    this.#startRuns();
    if (!this.#options.maySend()) return;
    for (const { id, isSuspect } of await readDueWebhooks(this.#core)) {
      if (isSuspect) this.#suspects.add(id);
      this.#wake(id);
    }
    await this.#queueLagging();
  }

  async #queueLagging(): Promise<void> {
    const now = this.#core.clock.now();
    if (this.#startupHead === null && !hasCome(this.#lagPollAt, now)) return;
    this.#lagPollAt = addMs(now, LAG_POLL_MS);
    const lagging = await readLaggingWebhooks(this.#core, this.#startupHead ?? this.#options.follower.head);
    if (lagging.length === 0) this.#startupHead = null;
    for (const id of lagging) this.#wake(id);
  }

  #wake(id: string): void {
    if (this.#isStopping) return;
    if (this.#running.has(id)) this.#rerun.add(id);
    else this.#queue.add(id);
    this.#startRuns();
  }

  /** Starts as many runs as the limits allow. */
  #startRuns(): void {
    if (!this.#options.maySend()) return;
    for (const id of this.#queue) {
      if (this.#running.size >= CONCURRENT_RUNS_MAX) return;
      const isSuspect = this.#suspects.has(id);
      if (isSuspect && this.#runningSuspects >= CONCURRENT_SUSPECT_RUNS_MAX) continue;
      this.#queue.delete(id);
      this.#runningSuspects += isSuspect ? 1 : 0;
      const run = this.#run(id).finally(() => {
        this.#running.delete(id);
        this.#runningSuspects -= isSuspect ? 1 : 0;
        if (this.#rerun.delete(id) && !this.#isStopping) this.#queue.add(id);
        this.#startRuns();
      });
      this.#running.set(id, run);
    }
  }

  async #run(id: string): Promise<void> {
    const { timeoutMs, onAttempt, onFailure } = this.#options;
    try {
      const shouldStop = () => this.#isStopping;
      const result = await runDeliveries(this.#core, id, { timeoutMs, onAttempt, shouldStop });
      if (result === 'FAILED') this.#suspects.add(id);
      if (result === 'SENT') this.#suspects.delete(id);
      if (result === 'FAILED' || result === 'MORE') this.#rerun.add(id);
    } catch (error) {
      // The lease expires, and then the webhook is due again.
      onFailure(error);
    }
  }
}
