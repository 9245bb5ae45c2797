import { Prisma } from '../../prisma/generated/client/client.ts';
import { HOUR_MS } from '../domain/duration.ts';
import { hasCome, addMs } from '../domain/key.ts';
import { change, type Change } from '../log/change.ts';
import { changeAfterRehearsal, KeepsChanging } from '../log/rehearse.ts';
import type { Cancel } from '../store/clock.ts';
import { realmsForOtherNodes } from '../policies/heartbeat.ts';
import { rehearsePolicies } from '../policies/rehearse-policies.ts';
import { isUnavailable } from '../store/unavailable.ts';
import type { ReviewCore } from './apply-policies.ts';
import { compactJudgements } from './compact-judgements.ts';
import { fillSelfRenewing } from './fill-self-renewing.ts';
import type { UseRecorder } from './use-recorder.ts';
import { recordReview } from './record-review.ts';
import { BATCH, CANDIDATES, takeBatch } from './take-batch.ts';
import { upgradeBindings } from './upgrade-bindings.ts';
import { discardNextBatch, enforceAnnounced, sweepBatch } from './sweep.ts';
import { retryBrokenBindings } from './retry-broken-bindings.ts';

/** After this many batches that other nodes hold, or whose keys have changed since, the next poll reviews them. */
const LOST_BATCHES_MAX = CANDIDATES / BATCH;

/** What became of the due keys for which policies were evaluated. */
interface BatchResult {
  readonly reviewedCount: number;
  /** The keys of the batch that changed while their policies were evaluated. They stay due. */
  readonly deferredIds: readonly string[];
  /** Whether more keys may be due. */
  readonly hasMore: boolean;
}

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
  /** Whether other nodes have reviewed keys of this node's batches since the last poll. */
  #isShared = false;
  /** The number of batches since the last poll whose keys other nodes held or reviewed. */
  #lostBatches = 0;
  /** The last key whose verdicts were read to store them in the compact format. */
  #compactedTo = '';
  /** The last key of the release before for which the log was asked what renewed it. Null: there are no more. */
  #filledTo: string | null = '';

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
    try {
      return await this.#reviewAll();
    } catch (error) {
      // The next poll may come much later.
      discardNextBatch(this.#core);
      throw error;
    }
  }

  async #reviewAll(): Promise<number> {
    let preparedAt: Date | null = null;
    this.#isShared = false;
    this.#lostBatches = 0;
    for (let total = 0; ;) {
      // Repeated between batches: a sweep may take minutes.
      if (preparedAt === null || hasCome(addMs(preparedAt, INTERVAL_MS), this.#core.clock.now())) {
        await this.#prepare();
        preparedAt = this.#core.clock.now();
      }
      const { reviewedCount, hasMore } = await this.#reviewBatch();
      // Due keys take precedence over a sweep.
      const swept = hasMore ? 0 : await sweepBatch(this.#core);
      total += reviewedCount + (swept ?? 0);
      this.#options.onReviewed(reviewedCount + (swept ?? 0));
      if (swept === null) await this.#upgradeRows();
      if (swept === null || this.#isStopping) return total;
    }
  }

  /** Rewrites the next rows of the release before. */
  async #upgradeRows(): Promise<void> {
    this.#compactedTo = (await compactJudgements(this.#core, this.#compactedTo)) ?? '';
    if (this.#filledTo === null) return;
    const filledTo = await fillSelfRenewing(this.#core, this.#filledTo);
    // Keys that were locked are left over: it begins again until it finds none at all.
    this.#filledTo = filledTo ?? (this.#filledTo === '' ? null : '');
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

  /**
   * Reviews a batch. If it fails, other than because the database is unavailable, its keys are reviewed one by one. So are keys
   * that changed meanwhile: while slow modules evaluate a whole batch, a key in steady use changes each time.
   */
  async #reviewBatch(): Promise<BatchResult> {
    const taken: string[] = [];
    try {
      const batch = await this.#review(taken);
      for (const id of batch.deferredIds) await this.#reviewAlone(id);
      return batch;
    } catch (error) {
      if (mayBeRetried(error) || taken.length === 0) throw error;
      for (const id of taken) await this.#reviewAlone(id);
      return { reviewedCount: taken.length, deferredIds: [], hasMore: true };
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
      if (mayBeRetried(error)) throw error;
      this.#options.onFailure(new Error(`review of key ${id} failed; retry in an hour`, { cause: error }));
      await change(this.#core, async ({ tx, now }) => {
        const at = now();
        const data = { reviewAt: addMs(at, FAILED_REVIEW_RETRY_MS) };
        await tx.key.updateMany({ where: { id, reviewAt: { lte: at } }, data });
      });
    }
  }

  /**
   * Reviews due keys, or only the given one. Their policies are evaluated before the transaction that locks them; it leaves
   * out those that another node reviews or has reviewed since. Adds their ids to `taken` before it reviews them. Takes the
   * keys that have been due for longest; while other nodes do the same, keys at a random place among the first of them, so
   * that two nodes seldom evaluate the same keys, and each key has its turn.
   */
  #review(taken: string[], only: string | null = null): Promise<BatchResult> {
    const cores = rehearsePolicies(this.#core, { isForRequest: false });
    const review = async (change: Change<ReviewCore>) => {
      const now = change.share('instant', () => change.now());
      const others = await realmsForOtherNodes(change.tx, change.core.policies, now);
      const onlyThis = only === null ? Prisma.empty : Prisma.sql`AND id = ${only}`;
      const ids = await change.share('batch', async () => {
        const candidates = await change.tx.$queryRaw<{ id: string }[]>`
          SELECT id FROM "Key" WHERE "reviewAt" <= ${now} AND "realmId" <> ALL(${others}) ${onlyThis}
          ORDER BY "reviewAt", id LIMIT ${this.#isShared ? CANDIDATES : BATCH}`;
        return takeBatch(
          candidates.map(({ id }) => id),
          change.core.random,
        );
      });
      if (ids.length === 0) return { reviewedCount: 0, deferredIds: [], hasMore: false };
      const due = await change.tx.$queryRaw<{ id: string }[]>`
        SELECT id FROM "Key" WHERE id = ANY(${ids}) AND "reviewAt" <= ${now} AND "realmId" <> ALL(${others})
        ORDER BY "reviewAt", id FOR NO KEY UPDATE SKIP LOCKED`;
      const dueIds = due.map(({ id }) => id);
      if (!change.isRehearsal) {
        taken.splice(0, taken.length, ...dueIds);
        this.#isShared ||= dueIds.length < ids.length;
      }
      const { deferredIds } = await recordReview(change, dueIds, now);
      const reviewedCount = due.length - deferredIds.length;
      if (!change.isRehearsal && reviewedCount === 0) this.#lostBatches += 1;
      return { reviewedCount, deferredIds, hasMore: ids.length === BATCH && this.#lostBatches < LOST_BATCHES_MAX };
    };
    return changeAfterRehearsal(cores, review, review);
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

/** Whether a review that failed may succeed at once: the database was unavailable, or the facts changed at each attempt. */
function mayBeRetried(error: unknown): boolean {
  return isUnavailable(error) || error instanceof KeepsChanging;
}
