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

/** How many keys one transaction looks at. */
const BATCH = 200;

/** How often a node looks for keys whose review has come due. */
const INTERVAL_MS = 1_000;

/** How long a key whose review fails is set aside. */
const FAILED_REVIEW_RETRY_MS = HOUR_MS;

/** After a failure the next look waits longer, up to this. */
const LONGEST_INTERVAL_MS = 30_000;

export interface ReviewLoopOptions {
  /** False while this node does not know what time it is. */
  readonly mayReview: () => boolean;
  /** Told after each batch how many keys it had. */
  readonly onReviewed: (count: number) => void;
  readonly onFailure: (error: unknown) => void;
}

/**
 * Takes the keys whose review has come due and records what is true of them. Any number of nodes share the work: a key
 * that another one has locked is left to it, so that each thing is decided and told once.
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

  /** Looks at all that is due now, and returns how many keys that were. Use that this node has gathered is written first. */
  async reviewDue(): Promise<number> {
    let preparedAt: Date | null = null;
    for (let total = 0; ;) {
      // A sweep may take minutes: what happens meanwhile does not wait for its end.
      if (preparedAt === null || hasCome(addMs(preparedAt, INTERVAL_MS), this.#core.clock.now())) {
        await this.#prepare();
        preparedAt = this.#core.clock.now();
      }
      const count = await this.#reviewBatch();
      // What is due goes first; a sweep has as long as it takes.
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

  /** Ends after the batch under way. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    this.#timer?.();
    await this.#running.catch(() => undefined);
  }

  /** A batch that fails, for a fault and not for want of a database, is taken again key by key. */
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

  /** A key whose review fails is told of and set aside, so that it keeps no other from being looked at. */
  async #reviewAlone(id: string): Promise<void> {
    try {
      await this.#review([], id);
    } catch (error) {
      if (isUnavailable(error)) throw error;
      this.#options.onFailure(
        new Error(`The review of key ${id} failed; it is taken again in an hour.`, { cause: error }),
      );
      await change(this.#core, async ({ tx, now }) => {
        const at = now();
        const data = { reviewAt: addMs(at, FAILED_REVIEW_RETRY_MS) };
        await tx.key.updateMany({ where: { id, reviewAt: { lte: at } }, data });
      });
    }
  }

  /** Reviews those keys that are due, or only one, in one transaction. Says first which it took. */
  #review(taken: string[], only: string | null = null): Promise<number> {
    return change(this.#core, async (change) => {
      const now = change.now();
      const others = await realmsForOtherNodes(change.tx, change.core.policies, now);
      const chosen = only === null ? Prisma.empty : Prisma.sql`AND id = ${only}`;
      const due = await change.tx.$queryRaw<{ id: string }[]>`
        SELECT id FROM "Key" WHERE "reviewAt" <= ${now} AND "realmId" <> ALL(${others}) ${chosen}
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
