import { randomUUID } from 'node:crypto';
import { formatDay } from '../domain/usage-day.ts';
import { GatewayError } from './gateway-requests.ts';
import type { PendingUse, UsedSecret } from './pending-use.ts';
import { PendingUses, type UseSlot } from './pending-uses.ts';

/** How many items one report has: as many as /uses accepts. */
const ITEMS_MAX = 1_000;

/** How long the first use of a secret by a consumer waits for others, so that they are reported together. */
const DELAY_MS = 1_000;

/** How long a report waits after the gateway could not be reached. */
const RETRY_MS = 10_000;

/** How many further consumers of secrets are counted apart in one report: the next ones are counted as others. */
const LIMITS = { secrets: Number.POSITIVE_INFINITY, consumers: 10_000 };

/** How many pairs of secret and consumer are remembered as reported. */
const REPORTED_MAX = 100_000;

/** The outcomes that a verifier gives from memory. The gateway itself counts all others, because it is asked. */
export type CountedOutcome = 'VALID' | 'KEY_REVOKED';

/** The body of POST /uses. */
export interface UsesBody {
  readonly reporter: string;
  readonly watermark: number;
  readonly more: boolean;
  readonly items: readonly object[];
}

export interface UseReportOptions {
  /** Sends a report to the gateway. Rejects if it has not received it. */
  readonly send: (body: UsesBody) => Promise<void>;
  /** How often uses are reported, in ms. */
  readonly intervalMs: number;
  readonly onFailure: (error: unknown) => void;
}

/**
 * Counts what the gateway has not seen, and reports it: the first use of a secret by a consumer within a second, further ones once in
 * an interval. A report that failed is sent again as it is, so that the gateway counts it once. A process that crashes
 * loses what it has not reported.
 */
export class UseReports {
  readonly #options: UseReportOptions;
  /** Tells processes with the same credential apart. */
  readonly #reporter = randomUUID();
  readonly #pending: Readonly<Record<CountedOutcome, PendingUses>> = {
    VALID: new PendingUses(LIMITS),
    KEY_REVOKED: new PendingUses(LIMITS),
  };
  /** The secrets and consumers that were reported, the oldest first. */
  readonly #reported = new Set<string>();
  /** Reports that the gateway has not confirmed, in order. */
  #outbox: UsesBody[] = [];
  #watermark = 0;
  #notedMs = 0;
  #collect: () => void = () => undefined;
  #timer: { readonly handle: NodeJS.Timeout; readonly dueMs: number } | null = null;
  #sending: Promise<void> = Promise.resolve();
  #isClosed = false;

  constructor(options: UseReportOptions) {
    this.#options = options;
  }

  /** Calls a function before each report is made, which adds what it has counted where `note` has counted before. */
  collectFrom(collect: () => void): void {
    this.#collect = collect;
  }

  /** Counts an answer about a secret, at the gateway's time. Returns where further ones may be added until the next report. */
  note(used: UsedSecret, outcome: CountedOutcome, consumer: string, atMs: number): UseSlot {
    this.#notedMs = Math.max(this.#notedMs, atMs);
    const slot = this.#pending[outcome].add(used, consumer, atMs, atMs, 1);
    if (slot.useCount === 1)
      this.#schedule(this.#isReported(`${used.secretId} ${consumer}`) ? this.#options.intervalMs : DELAY_MS);
    return slot;
  }

  /** Adds further answers where `note` has counted one since the last report: up to a moment. */
  add(slot: UseSlot, count: number, lastMs: number): void {
    this.#notedMs = Math.max(this.#notedMs, lastMs);
    slot.lastMs = Math.max(slot.lastMs, lastMs);
    slot.useCount += count;
  }

  /** Reports what was counted. Resolves when the gateway has it, or the attempt has failed. */
  flush(): Promise<void> {
    if (this.#timer !== null) clearTimeout(this.#timer.handle);
    this.#timer = null;
    this.#sending = this.#sending.then(() => this.#send());
    return this.#sending;
  }

  /** Reports what was counted, once, and no more after that. */
  close(): Promise<void> {
    this.#isClosed = true;
    return this.flush();
  }

  async #send(): Promise<void> {
    if (this.#outbox.length === 0) this.#outbox = this.#createReports();
    while (this.#outbox[0] !== undefined) {
      try {
        await this.#options.send(this.#outbox[0]);
      } catch (error) {
        this.#options.onFailure(error);
        const isRefused = error instanceof GatewayError && error.status === 400;
        if (!isRefused) return this.#schedule(RETRY_MS);
      }
      this.#outbox.shift();
    }
    // What was counted while an earlier report waited.
    if (this.#pending.VALID.size + this.#pending.KEY_REVOKED.size > 0) this.#schedule(DELAY_MS);
  }

  /** Takes what was counted. All reports but the last say that more of the same time follows. */
  #createReports(): UsesBody[] {
    this.#collect();
    const items = (['VALID', 'KEY_REVOKED'] as const).flatMap((outcome) =>
      this.#pending[outcome].take().map((use) => toItem(use, outcome)),
    );
    const count = Math.ceil(items.length / ITEMS_MAX);
    return Array.from({ length: count }, (_, index) => {
      const more = index < count - 1;
      this.#watermark = Math.max(more ? 0 : this.#notedMs, this.#watermark + 1);
      const part = items.slice(index * ITEMS_MAX, (index + 1) * ITEMS_MAX);
      return { reporter: this.#reporter, watermark: this.#watermark, more, items: part };
    });
  }

  #schedule(delayMs: number): void {
    const dueMs = performance.now() + delayMs;
    if (this.#isClosed || (this.#timer !== null && this.#timer.dueMs <= dueMs)) return;
    if (this.#timer !== null) clearTimeout(this.#timer.handle);
    this.#timer = { handle: setTimeout(() => void this.flush(), delayMs).unref(), dueMs };
  }

  /** Whether the pair was reported before; remembers it as reported. */
  #isReported(name: string): boolean {
    const wasReported = this.#reported.delete(name);
    if (!wasReported && this.#reported.size >= REPORTED_MAX) {
      for (const oldest of this.#reported) {
        this.#reported.delete(oldest);
        break;
      }
    }
    this.#reported.add(name);
    return wasReported;
  }
}

function toItem({ keyId, generation, consumer, day, firstMs, lastMs, useCount }: PendingUse, outcome: CountedOutcome) {
  const times = { day: formatDay(day), first: firstMs, last: lastMs };
  return { keyId, generation, consumer, ...times, count: useCount, outcome };
}
