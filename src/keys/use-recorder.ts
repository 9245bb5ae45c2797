import { OVERFLOW_CONSUMER } from '../domain/rotation.ts';
import { change } from '../log/change.ts';
import type { Cancel } from '../store/clock.ts';
import type { Core } from '../store/core.ts';
import { mergeUses } from './fold-consumers.ts';
import { writeUse, type PendingUse } from './write-use.ts';

/** How long use is gathered before it is written in one batch. */
const BATCH_MS = 5_000;

/** How many secrets at consumers are gathered before it is written at once, and consumers are no longer told apart. */
const MAX_PENDING = 10_000;

/** How many of them one transaction writes. */
const TRANSACTION_BATCH = 1_000;

/** A secret was seen at a consumer; empty: the verifier gave no label. */
export interface Sighting {
  readonly secretId: string;
  readonly keyId: string;
  readonly consumer: string;
  readonly at: Date;
}

/**
 * Gathers use in memory and writes it in batches of 5 s; a secret's first use at once, because rotation waits for it.
 * Verification waits for neither. What could not be written is kept for the next batch.
 */
export class UseRecorder {
  readonly #core: Core;
  readonly #onFailure: (error: unknown) => void;
  #gathered = new Map<string, PendingUse>();
  #timer: Cancel | null = null;
  #isUrgent = false;
  #writing: Promise<void> = Promise.resolve();

  constructor(core: Core, onFailure: (error: unknown) => void) {
    this.#core = core;
    this.#onFailure = onFailure;
  }

  /** A secret was used. `isFirst`: nobody has seen it used before, as far as is known. */
  record(sighting: Sighting, { isFirst = false } = {}): void {
    this.#gather(sighting, 1);
    if (isFirst) this.#writeAtOnce();
    else this.#writeSoon();
  }

  /** A retired secret turned up. */
  recordReuse(sighting: Sighting): void {
    this.#gather(sighting, 0);
    this.#writeSoon();
  }

  /** Writes all that was noted before the call. Throws what kept it from being written. */
  flush(): Promise<void> {
    this.#timer?.();
    this.#timer = null;
    const written = this.#writing.then(() => this.#write(this.#takeAll()));
    this.#writing = written.catch(() => undefined);
    return written;
  }

  /** The same of some secrets alone. What is still to be written of them is at once, without waiting for the keys of others. */
  async flushSecrets(secretIds: ReadonlySet<string>): Promise<void> {
    const batch = [...this.#gathered.values()].filter(({ secretId }) => secretIds.has(secretId));
    for (const use of batch) this.#gathered.delete(pendingKey(use));
    const underWay = this.#writing;
    const written = this.#write(batch);
    this.#writing = Promise.allSettled([underWay, written]).then(() => undefined);
    await Promise.all([underWay, written]);
  }

  #gather({ secretId, keyId, consumer, at }: Sighting, count: 0 | 1): void {
    const wasFull = this.#gathered.size >= MAX_PENDING;
    this.#add({ secretId, keyId, consumer, firstAt: at, lastAt: at, useCount: count });
    if (!wasFull && this.#gathered.size >= MAX_PENDING) this.#writeAtOnce();
  }

  #add(use: PendingUse): void {
    const isFull = this.#gathered.size >= MAX_PENDING;
    const isFolded = isFull && use.consumer !== '' && !this.#gathered.has(pendingKey(use));
    const added = isFolded ? { ...use, consumer: OVERFLOW_CONSUMER } : use;
    const before = this.#gathered.get(pendingKey(added));
    this.#gathered.set(pendingKey(added), before === undefined ? added : mergeUses(before, added));
  }

  #writeSoon(): void {
    this.#timer ??= this.#core.clock.after(BATCH_MS, () => void this.flush().catch(this.#onFailure));
  }

  /** With all that is noted in this turn of the event loop. */
  #writeAtOnce(): void {
    if (this.#isUrgent) return;
    this.#isUrgent = true;
    setImmediate(() => void this.flush().catch(this.#onFailure));
  }

  #takeAll(): readonly PendingUse[] {
    const batch = [...this.#gathered.values()];
    this.#gathered = new Map();
    this.#isUrgent = false;
    return batch;
  }

  async #write(batch: readonly PendingUse[]): Promise<void> {
    for (let from = 0; from < batch.length; from += TRANSACTION_BATCH) {
      try {
        await change(this.#core, (change) => writeUse(change, batch.slice(from, from + TRANSACTION_BATCH)));
      } catch (error) {
        for (const lost of batch.slice(from)) this.#add(lost);
        this.#writeSoon();
        throw error;
      }
    }
  }
}

function pendingKey({ secretId, consumer, useCount }: PendingUse): string {
  return `${secretId} ${useCount === 0 ? 0 : 1} ${consumer}`;
}
