import { change } from '../log/change.ts';
import type { Cancel } from '../store/clock.ts';
import type { Core } from '../store/core.ts';
import { writeUse, type GatheredUse } from './write-use.ts';

/** How long use is gathered before it is written in one batch. */
const BATCH_MS = 5_000;

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
  #gathered = new Map<string, GatheredUse>();
  #timer: Cancel | null = null;
  #isUrgent = false;
  #writing: Promise<void> = Promise.resolve();

  constructor(core: Core, onFailure: (error: unknown) => void) {
    this.#core = core;
    this.#onFailure = onFailure;
  }

  /** A secret was used. `isFirst`: nobody has seen it used before, as far as is known. */
  note(sighting: Sighting, { isFirst = false } = {}): void {
    this.#gather(sighting, 1);
    if (isFirst) this.#writeAtOnce();
    else this.#writeSoon();
  }

  /** A retired secret turned up. */
  noteReuse(sighting: Sighting): void {
    this.#gather(sighting, 0);
    this.#writeSoon();
  }

  /** Writes all that was noted before the call. Throws what kept it from being written. */
  flush(): Promise<void> {
    this.#timer?.();
    this.#timer = null;
    const written = this.#writing.then(() => this.#write());
    this.#writing = written.catch(() => undefined);
    return written;
  }

  #gather({ secretId, keyId, consumer, at }: Sighting, count: 0 | 1): void {
    const name = `${secretId} ${count} ${consumer}`;
    const before = this.#gathered.get(name);
    this.#gathered.set(name, {
      secretId,
      keyId,
      consumer,
      firstAt: before?.firstAt ?? at,
      lastAt: at,
      useCount: (before?.useCount ?? 0) + count,
    });
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

  async #write(): Promise<void> {
    const batch = this.#gathered;
    this.#gathered = new Map();
    this.#isUrgent = false;
    if (batch.size === 0) return;
    try {
      await change(this.#core, (change) => writeUse(change, [...batch.values()]));
    } catch (error) {
      for (const lost of batch.values()) this.#merge(lost);
      this.#writeSoon();
      throw error;
    }
  }

  #merge(lost: GatheredUse): void {
    const name = `${lost.secretId} ${lost.useCount === 0 ? 0 : 1} ${lost.consumer}`;
    const later = this.#gathered.get(name);
    this.#gathered.set(name, {
      ...lost,
      lastAt: later?.lastAt ?? lost.lastAt,
      useCount: lost.useCount + (later?.useCount ?? 0),
    });
  }
}
