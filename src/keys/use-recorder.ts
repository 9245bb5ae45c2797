import { setImmediate as nextTurn } from 'node:timers/promises';
import { change, type Change } from '../log/change.ts';
import type { Cancel } from '../store/clock.ts';
import type { Core } from '../store/core.ts';
import { PendingRefusals, type PendingRefusal, type RefusalKind } from './pending-refusals.ts';
import type { PendingUse, UsedSecret } from '../verifier/pending-use.ts';
import { PendingUses } from '../verifier/pending-uses.ts';
import { writeRefusals } from './write-refusals.ts';
import { writeUse } from './write-use.ts';

/** How long use is collected before it is written in one batch. */
const BATCH_MS = 5_000;

/**
 * How long use is collected while many secrets are used: each of them is then written less often. It is shorter than the
 * time after which a review counts on use to be written (next-review).
 */
const BUSY_BATCH_MS = 20_000;
const BUSY_COUNT = 1_000;

/**
 * How many secrets, and how many further consumers of them, are pending before they are written at once. Further consumers
 * are then folded into the overflow consumer.
 */
const LIMITS = { secrets: 50_000, consumers: 10_000 };

/** How many pairs of secret and consumer one transaction writes. */
const TRANSACTION_BATCH = 1_000;

/**
 * Collects use in memory and writes it in batches every 5 s, and every 20 s while more than 1,000 secrets are used; a secret's
 * first use at once, because rotation waits for it. A crash loses at most what was not written. Verification never waits for
 * a write. Use that could not be written stays pending for the next batch.
 * Refusals are counted as well; of those that could not be written, at most so many stay pending.
 */
export class UseRecorder {
  readonly #core: Core;
  readonly #onFailure: (error: unknown) => void;
  readonly #accepted = new PendingUses(LIMITS);
  readonly #reused = new PendingUses(LIMITS);
  readonly #refused = new PendingRefusals();
  #timer: Cancel | null = null;
  #isUrgent = false;
  #writing: Promise<void> = Promise.resolve();

  constructor(core: Core, onFailure: (error: unknown) => void) {
    this.#core = core;
    this.#onFailure = onFailure;
  }

  /** How many different uses and refusals are not written yet. */
  get pendingCount(): number {
    return this.#accepted.size + this.#reused.size + this.#refused.size;
  }

  /** Records an accepted use. Empty consumer: the verifier named none. `isFirst`: the secret has no recorded use yet. */
  record(used: UsedSecret, consumer: string, at: Date, { isFirst = false } = {}): void {
    const atMs = at.getTime();
    this.#accepted.add(used, consumer, atMs, atMs, 1);
    if (isFirst || this.#accepted.isFull) this.#writeAtOnce();
    else this.#writeSoon();
  }

  /** Records that a retired secret was presented and refused. */
  recordReuse(used: UsedSecret, consumer: string, at: Date): void {
    const atMs = at.getTime();
    this.#reused.add(used, consumer, atMs, atMs, 0);
    if (this.#reused.isFull) this.#writeAtOnce();
    else this.#writeSoon();
  }

  /** Counts a refusal. The secret has been proved: strangers are refused without a key. */
  recordRefusal(used: UsedSecret, kind: RefusalKind, consumer: string, at: Date): void {
    this.#refused.add(used, kind, consumer, at.getTime());
    if (this.#refused.isFull) this.#writeAtOnce();
    else this.#writeSoon();
  }

  /** Writes all use recorded before the call. Rejects if it could not be written. */
  flush(): Promise<void> {
    this.#timer?.();
    this.#timer = null;
    const written = this.#writing.then(async () => {
      this.#isUrgent = false;
      await this.#write(this.#accepted.takeParts(TRANSACTION_BATCH));
      await this.#write(this.#reused.takeParts(TRANSACTION_BATCH));
      // No decision of a review depends on refusals: reviews go on without them.
      await this.#writeRefusals(this.#refused.take()).catch(this.#onFailure);
    });
    this.#writing = written.catch(() => undefined);
    return written;
  }

  /**
   * Writes the pending use of some secrets at once, without waiting for other keys' locks, and waits for a write that
   * is under way. Rejects if either fails.
   */
  async flushSecrets(secretIds: ReadonlySet<string>): Promise<void> {
    const batch = [...this.#accepted.takeSecrets(secretIds), ...this.#reused.takeSecrets(secretIds)];
    const underWay = this.#writing;
    const written = this.#write(splitByDay(batch));
    this.#writing = Promise.allSettled([underWay, written]).then(() => undefined);
    await Promise.all([underWay, written]);
  }

  #writeSoon(): void {
    this.#timer ??= this.#core.clock.after(BATCH_MS, () => {
      if (this.#accepted.size < BUSY_COUNT) return this.#flushQuietly();
      this.#timer = this.#core.clock.after(BUSY_BATCH_MS - BATCH_MS, () => this.#flushQuietly());
    });
  }

  /** Writes when this turn of the event loop ends, with all use that it records. */
  #writeAtOnce(): void {
    if (this.#isUrgent) return;
    this.#isUrgent = true;
    setImmediate(() => this.#flushQuietly());
  }

  #flushQuietly(): void {
    void this.flush().catch(this.#onFailure);
  }

  async #write(parts: Iterable<readonly PendingUse[]>): Promise<void> {
    await this.#writeParts(
      parts,
      (change, part) => writeUse(change, part),
      (use) => (use.useCount === 0 ? this.#reused : this.#accepted).putBack(use),
    );
  }

  async #writeRefusals(batch: readonly PendingRefusal[]): Promise<void> {
    await this.#writeParts(
      splitByDay(batch),
      (change, part) => writeRefusals(change, part),
      (refusal) => this.#refused.putBack(refusal),
    );
  }

  /** Writes parts, each of one day, in a transaction each. After a failure the others are put back. */
  async #writeParts<Use extends PendingUse>(
    parts: Iterable<readonly Use[]>,
    write: (change: Change, part: readonly Use[]) => Promise<void>,
    putBack: (use: Use) => void,
  ): Promise<void> {
    let failure: { readonly error: unknown } | null = null;
    for (const part of parts) {
      try {
        if (failure === null) await change(this.#core, (change) => write(change, part));
      } catch (error) {
        failure = { error };
      }
      if (failure === null) continue;
      for (const use of part) putBack(use);
      await nextTurn();
    }
    if (failure === null) return;
    this.#writeSoon();
    throw failure.error;
  }
}

/** Splits a batch into parts, each of one day. */
function splitByDay<Use extends PendingUse>(batch: readonly Use[]): readonly (readonly Use[])[] {
  return [...Map.groupBy(batch, ({ day }) => day).values()].flatMap((ofDay) =>
    Array.from({ length: Math.ceil(ofDay.length / TRANSACTION_BATCH) }, (_, index) =>
      ofDay.slice(index * TRANSACTION_BATCH, (index + 1) * TRANSACTION_BATCH),
    ),
  );
}
