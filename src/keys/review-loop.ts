import { Prisma } from '../../prisma/generated/client/client.ts';
import { HOUR_MS } from '../domain/duration.ts';
import { hasCome, addMs } from '../domain/key.ts';
import { change } from '../log/change.ts';
import type { Cancel } from '../store/clock.ts';
import { realmsForOtherNodes } from '../policies/heartbeat.ts';
import { isUnavailable } from '../store/unavailable.ts';
import type { ReviewCore } from './apply-policies.ts';
import type { UseRecorder } from './use-recorder.ts';
import { recordReview } from './record-review.ts';
import { upgradeBindings } from './upgrade-bindings.ts';
import { enforceAnnounced, sweepBatch } from './sweep.ts';
import { retryBrokenBindings } from './retry-broken-bindings.ts';

/** How many keys one transaction reviews. */
const BATCH = 200;

/** How often a node polls for keys whose review is due. */
const INTERVAL_MS = 1_000;

/** By how long the next review of a key is postponed when its review failed. */
const FAILED_REVIEW_RETRY_MS = HOUR_MS;

/** Upper limit of the back-off after failures. */
const LONGEST_INTERVAL_MS = 30_000;

export interface ReviewLoopOptions {
  /** Returns false while the node's clock is too uncertain for reviews. */
  readonly mayReview: () => boolean;
  /** Called after each batch with the number of its keys. */
  readonly onReviewed: (count: number) => void;
  readonly onFailure: (error: unknown) => void;
}

/**
 * Polls for keys whose review is due, and reviews them. Any number of nodes share the work: each skips keys that
 * another one has locked, so that each change is decided and recorded once. Also sweeps realms after changes of
 * bindings, and retries broken bindings.
 */
export class ReviewLoop {
  readonly #core: ReviewCore & { readonly uses: UseRecorder };
  readonly #options: ReviewLoopOptions;
  #timer: Cancel | null = null;
  #running: Promise<unknown> = Promise.resolve();
  #isStopping = false;

  constructor(core: ReviewCore & { readonly uses: UseRecorder }, options: ReviewLoopOptions) {
    this.#core = core;
    this.#options = options;
  }

  start(): void {
    this.#schedule(INTERVAL_MS);
  }

  /**
   * Reviews all keys that are due, after this node's pending use was written. Returns their number, swept keys
   * included.
   */
  async reviewDue(): Promise<number> {
    let preparedAt: Date | null = null;
    for (let total = 0; ;) {
      // Repeated between batches: a sweep may take minutes.
      if (preparedAt === null || hasCome(addMs(preparedAt, INTERVAL_MS), this.#core.clock.now())) {
        await this.#prepare();
        preparedAt = this.#core.clock.now();
      }
      const count = await this.#reviewBatch();
      // Due keys take precedence over a sweep.
      const swept = count < BATCH ? await sweepBatch(this.#core) : 0;
      total += count + (swept ?? 0);
      this.#options.onReviewed(count + (swept ?? 0));
      if (swept === null || this.#isStopping) return total;
    }
  }

  async #prepare(): Promise<void> {
    await this.#core.uses.flush();
    await upgradeBindings(this.#core);
    await enforceAnnounced(this.#core);
    await retryBrokenBindings(this.#core);
  }

  /** Stops after the current batch. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    this.#timer?.();
    await this.#running.catch(() => undefined);
  }

  /** Reviews a batch. If it fails, other than because the database is unavailable, its keys are reviewed one by one. */
  async #reviewBatch(): Promise<number> {
    const taken: string[] = [];
    try {
      return await this.#review(taken);
    } catch (error) {
      if (isUnavailable(error) || taken.length === 0) throw error;
      for (const id of taken) await this.#reviewAlone(id);
      return taken.length;
    }
  }

  /**
   * Reviews one key. If that fails, the failure is reported and the key postponed, so that it does not block the
   * others.
   */
  async #reviewAlone(id: string): Promise<void> {
    try {
      await this.#review([], id);
    } catch (error) {
      if (isUnavailable(error)) throw error;
      this.#options.onFailure(new Error(`review of key ${id} failed; retry in an hour`, { cause: error }));
      await change(this.#core, async ({ tx, now }) => {
        const at = now();
        const data = { reviewAt: addMs(at, FAILED_REVIEW_RETRY_MS) };
        await tx.key.updateMany({ where: { id, reviewAt: { lte: at } }, data });
      });
    }
  }

  /** Reviews due keys, or only the given one, in one transaction. Adds their ids to `taken` before it reviews them. */
  #review(taken: string[], only: string | null = null): Promise<number> {
    return change(this.#core, async (change) => {
      const now = change.now();
      const others = await realmsForOtherNodes(change.tx, change.core.policies, now);
      const onlyThis = only === null ? Prisma.empty : Prisma.sql`AND id = ${only}`;
      const due = await change.tx.$queryRaw<{ id: string }[]>`
        SELECT id FROM "Key" WHERE "reviewAt" <= ${now} AND "realmId" <> ALL(${others}) ${onlyThis}
        ORDER BY "reviewAt", id LIMIT ${BATCH} FOR NO KEY UPDATE SKIP LOCKED`;
      if (due.length === 0) return 0;
      taken.push(...due.map((key) => key.id));
      await recordReview(
        change,
        due.map((key) => key.id),
        now,
      );
      return due.length;
    });
  }

  #schedule(ms: number): void {
    if (this.#isStopping) return;
    this.#timer = this.#core.clock.after(ms, () => {
      this.#running = (this.#options.mayReview() ? this.reviewDue() : Promise.resolve()).then(
        () => this.#schedule(INTERVAL_MS),
        (error: unknown) => {
          this.#options.onFailure(error);
          this.#schedule(Math.min(LONGEST_INTERVAL_MS, ms * 2));
        },
      );
    });
  }
}
