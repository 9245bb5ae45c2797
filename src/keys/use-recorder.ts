import { OVERFLOW_CONSUMER } from '../domain/rotation.ts';
import { change } from '../log/change.ts';
import type { Cancel } from '../store/clock.ts';
import type { Core } from '../store/core.ts';
import { addUse, type CollectedUse, type PendingUse } from './pending-use.ts';
import { writeUse } from './write-use.ts';

/** How long use is collected before it is written in one batch. */
const BATCH_MS = 5_000;

/**
 * How many pairs of secret and consumer are pending before they are written at once and new consumers are folded into
 * the overflow consumer.
 */
const MAX_PENDING = 10_000;

/** How many pairs one transaction writes. */
const TRANSACTION_BATCH = 1_000;

/** A use of a secret by a consumer; empty: the verifier named none. */
export interface Sighting {
  readonly secretId: string;
  readonly keyId: string;
  readonly consumer: string;
  readonly at: Date;
}

/**
 * Collects use in memory and writes it in batches every 5 s; a secret's first use at once, because rotation waits for
 * it. Verification never waits for a write. Use that could not be written stays pending for the next batch.
 */
export class UseRecorder {
  readonly #core: Core;
  readonly #onFailure: (error: unknown) => void;
  #pending = new Map<string, CollectedUse>();
  #timer: Cancel | null = null;
  #isUrgent = false;
  #writing: Promise<void> = Promise.resolve();

  constructor(core: Core, onFailure: (error: unknown) => void) {
    this.#core = core;
    this.#onFailure = onFailure;
  }

  /** Records an accepted use. `isFirst`: the secret has no recorded use yet. */
  record(sighting: Sighting, { isFirst = false } = {}): void {
    this.#collect(sighting, 1);
    if (isFirst) this.#writeAtOnce();
    else this.#writeSoon();
  }

  /** Records that a retired secret was presented and refused. */
  recordReuse(sighting: Sighting): void {
    this.#collect(sighting, 0);
    this.#writeSoon();
  }

  /** Writes all use recorded before the call. Rejects if it could not be written. */
  flush(): Promise<void> {
    this.#timer?.();
    this.#timer = null;
    const written = this.#writing.then(() => this.#write(this.#takeAll()));
    this.#writing = written.catch(() => undefined);
    return written;
  }

  /**
   * Writes the pending use of some secrets at once, without waiting for other keys' locks, and waits for a write that
   * is under way. Rejects if either fails.
   */
  async flushSecrets(secretIds: ReadonlySet<string>): Promise<void> {
    const batch = [...this.#pending.values()].filter(({ secretId }) => secretIds.has(secretId));
    for (const use of batch) this.#pending.delete(pendingKey(use));
    const underWay = this.#writing;
    const written = this.#write(batch);
    this.#writing = Promise.allSettled([underWay, written]).then(() => undefined);
    await Promise.all([underWay, written]);
  }

  #collect({ secretId, keyId, consumer, at }: Sighting, count: 0 | 1): void {
    const wasFull = this.#pending.size >= MAX_PENDING;
    this.#add({ secretId, keyId, consumer, firstAt: at, lastAt: at, useCount: count });
    if (!wasFull && this.#pending.size >= MAX_PENDING) this.#writeAtOnce();
  }

  #add(use: PendingUse): void {
    const key = pendingKey(use);
    const before = this.#pending.get(key);
    if (before !== undefined) return addUse(before, use);
    const mayFold = use.consumer !== '' && use.consumer !== OVERFLOW_CONSUMER;
    if (mayFold && this.#pending.size >= MAX_PENDING) this.#add({ ...use, consumer: OVERFLOW_CONSUMER });
    else this.#pending.set(key, { ...use });
  }

  #writeSoon(): void {
    this.#timer ??= this.#core.clock.after(BATCH_MS, () => void this.flush().catch(this.#onFailure));
  }

  /** Writes when this turn of the event loop ends, with all use that it records. */
  #writeAtOnce(): void {
    if (this.#isUrgent) return;
    this.#isUrgent = true;
    setImmediate(() => void this.flush().catch(this.#onFailure));
  }

  #takeAll(): readonly PendingUse[] {
    const batch = [...this.#pending.values()];
    this.#pending = new Map();
    this.#isUrgent = false;
    return batch;
  }

  async #write(batch: readonly PendingUse[]): Promise<void> {
    for (let from = 0; from < batch.length; from += TRANSACTION_BATCH) {
      try {
        await change(this.#core, (change) => writeUse(change, batch.slice(from, from + TRANSACTION_BATCH)));
      } catch (error) {
        for (const unwritten of batch.slice(from)) this.#add(unwritten);
        this.#writeSoon();
        throw error;
      }
    }
  }
}

function pendingKey({ secretId, consumer, useCount }: PendingUse): string {
  return `${secretId} ${useCount === 0 ? 0 : 1} ${consumer}`;
}
