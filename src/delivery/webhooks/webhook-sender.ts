import { MINUTE_MS, SECOND_MS } from '../../domain/duration.ts';
import { hasCome, addMs } from '../../domain/key.ts';
import type { Follower } from '../../log/follower.ts';
import type { Cancel } from '../../store/clock.ts';
import type { WebhookCore } from '../../webhooks/webhook-core.ts';
import type { DeliveryAttempt } from './attempt-delivery.ts';
import { readLaggingWebhooks, readDueWebhooks } from './read-due-webhooks.ts';
import { runDeliveries } from './run-deliveries.ts';
import { ActiveWebhooks } from './active-webhooks.ts';

/** How many webhooks a node sends to at a time, and how many of these may be some that failed or kept it waiting. */
const CONCURRENT_RUNS_MAX = 16;
const CONCURRENT_SUSPECT_RUNS_MAX = 4;

/** How often it is looked for what has come due. */
const POLL_MS = SECOND_MS;

/** How often it is looked for cursors that are behind the log although nothing is due. */
const LAG_POLL_MS = MINUTE_MS;

export interface WebhookSenderOptions {
  readonly follower: Follower;
  /** How long a request may take, in ms of the machine's own time. */
  readonly timeoutMs: number;
  /** False while this node does not know what time it is, and so not what it has leased. */
  readonly maySend: () => boolean;
  readonly onAttempt: (outcome: DeliveryAttempt['outcome']) => void;
  readonly onFailure: (error: unknown) => void;
}

/**
 * Sends events to webhooks. Any number of nodes share the work: each is woken by the log for what an event is for, and by
 * the clock for what is due; one of them leases the webhook. Webhooks that fail or are slow get a share of the turns and no
 * more, so that they keep no other waiting.
 */
export class WebhookSender {
  readonly #core: WebhookCore;
  readonly #options: WebhookSenderOptions;
  readonly #watchList: ActiveWebhooks;
  /** Whose turn is to come, first come first served. */
  readonly #queue = new Set<string>();
  readonly #running = new Map<string, Promise<void>>();
  /** Whose turn is under way, and who has been asked for again meanwhile. */
  readonly #again = new Set<string>();
  readonly #suspects = new Set<string>();
  #runningSuspects = 0;
  #unwatch: Cancel = () => undefined;
  #timer: Cancel = () => undefined;
  #polling: Promise<void> = Promise.resolve();
  #matching: Promise<void> = Promise.resolve();
  #lookBehindAt = new Date(0);
  /** While it is caught up with what was not sent before the start: the log's end at that time. */
  #startHead: bigint | null = null;
  #isStopping = false;

  constructor(core: WebhookCore, options: WebhookSenderOptions) {
    this.#core = core;
    this.#options = options;
    this.#watchList = new ActiveWebhooks(core, (id) => this.#wake(id));
  }

  /** Starts with what was not sent while no node was at work. */
  start(): void {
    this.#unwatch = this.#options.follower.watch((events) => {
      this.#matching = this.#watchList.match(events).catch(this.#options.onFailure);
    });
    this.#startHead = this.#options.follower.head;
    this.#poll();
  }

  /** Begins nothing new; requests under way come to their end. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    this.#unwatch();
    this.#timer();
    this.#queue.clear();
    await this.settled();
  }

  /** Resolves when this node has nothing more to send at this moment. */
  async settled(): Promise<void> {
    await Promise.all([this.#polling, this.#matching]);
    while (this.#running.size > 0) await Promise.all(this.#running.values());
  }

  #poll(): void {
    this.#polling = this.#lookForDue().catch(this.#options.onFailure);
    void this.#polling.then(() => {
      if (!this.#isStopping) this.#timer = this.#core.clock.after(POLL_MS, () => this.#poll());
    });
  }

  async #lookForDue(): Promise<void> {
    // What could not be matched when it came is matched now.
    await this.#watchList.match([]);
    this.#next();
    if (!this.#options.maySend()) return;
    for (const { id, isSuspect } of await readDueWebhooks(this.#core)) {
      if (isSuspect) this.#suspects.add(id);
      this.#wake(id);
    }
    await this.#lookBehind();
  }

  async #lookBehind(): Promise<void> {
    const now = this.#core.clock.now();
    if (this.#startHead === null && !hasCome(this.#lookBehindAt, now)) return;
    this.#lookBehindAt = addMs(now, LAG_POLL_MS);
    const behind = await readLaggingWebhooks(this.#core, this.#startHead ?? this.#options.follower.head);
    if (behind.length === 0) this.#startHead = null;
    for (const id of behind) this.#wake(id);
  }

  #wake(id: string): void {
    if (this.#isStopping) return;
    if (this.#running.has(id)) this.#again.add(id);
    else this.#queue.add(id);
    this.#next();
  }

  /** Begins as many turns as there is room for. */
  #next(): void {
    if (!this.#options.maySend()) return;
    for (const id of this.#queue) {
      if (this.#running.size >= CONCURRENT_RUNS_MAX) return;
      const isSuspect = this.#suspects.has(id);
      if (isSuspect && this.#runningSuspects >= CONCURRENT_SUSPECT_RUNS_MAX) continue;
      this.#queue.delete(id);
      this.#runningSuspects += isSuspect ? 1 : 0;
      const turn = this.#takeTurn(id).finally(() => {
        this.#running.delete(id);
        this.#runningSuspects -= isSuspect ? 1 : 0;
        if (this.#again.delete(id) && !this.#isStopping) this.#queue.add(id);
        this.#next();
      });
      this.#running.set(id, turn);
    }
  }

  async #takeTurn(id: string): Promise<void> {
    const { timeoutMs, onAttempt, onFailure } = this.#options;
    try {
      const mustEnd = () => this.#isStopping;
      const end = await runDeliveries(this.#core, id, { timeoutMs, onAttempt, shouldStop: mustEnd });
      if (end === 'FAILED') this.#suspects.add(id);
      if (end === 'SENT') this.#suspects.delete(id);
      if (end === 'FAILED' || end === 'MORE') this.#again.add(id);
    } catch (error) {
      // The lease runs out, and then it is taken up again.
      onFailure(error);
    }
  }
}
