import { DAY_MS, SECOND_MS } from '../domain/duration.ts';
import { systemActor } from '../domain/event.ts';
import { addMs } from '../domain/key.ts';
import { change } from '../log/change.ts';
import type { PolicyCore } from '../keys/apply-policies.ts';
import type { Cancel } from '../store/clock.ts';
import { isUnavailable } from '../store/unavailable.ts';
import { knownChanges } from './key-changes.ts';
import { runBatch, type RunningOperation } from './run-batch.ts';
import { operationSubject, progressOf } from './stored-operation.ts';
import { writeStop } from './stop.ts';

/** How often a node polls for operations. */
const INTERVAL_MS = SECOND_MS;

/** Upper limit of the back-off after failures. */
const LONGEST_INTERVAL_MS = 30_000;

/** How many operations a node takes turns with. */
const CONCURRENT_MAX = 20;

/** How long a proposed operation waits for its approval. */
export const APPROVAL_WAIT_MS = 7 * DAY_MS;

export interface OperationLoopOptions {
  /** Returns false while the node's clock is too uncertain to change keys. */
  readonly mayRun: () => boolean;
  readonly onFailure: (error: unknown) => void;
}

/**
 * Runs operations in batches. Any number of nodes share the work: one node at a time works on an operation, and
 * operations take turns. If a node crashes, another one continues with the next batch.
 */
export class OperationLoop {
  readonly #core: PolicyCore;
  readonly #options: OperationLoopOptions;
  #timer: Cancel | null = null;
  #running: Promise<unknown> = Promise.resolve();
  #isStopping = false;

  constructor(core: PolicyCore, options: OperationLoopOptions) {
    this.#core = core;
    this.#options = options;
  }

  start(): void {
    this.#schedule(INTERVAL_MS);
  }

  /** Runs all operations until none is left for this node: each has ended, or another node works on it. */
  async runDue(): Promise<void> {
    await stopUnapproved(this.#core);
    for (let hasMore = true; hasMore && !this.#isStopping;) hasMore = await this.runRound();
  }

  /** Runs one batch of each operation, those that waited for longest first. Returns whether more is left to do. */
  async runRound(): Promise<boolean> {
    // Those that this release does not know are left to nodes of the release that started them, and take no turn here.
    const operations = await this.#core.prisma.$queryRaw<RunningOperation[]>`
      SELECT id, kind, "isUndoing" FROM "Operation" WHERE state = 'RUNNING' AND ${knownChanges}
      ORDER BY "workedAt" NULLS FIRST, id LIMIT ${CONCURRENT_MAX}`;
    let hasMore = false;
    for (const operation of operations) {
      if (this.#isStopping) return false;
      try {
        hasMore = (await runBatch(this.#core, operation)) === 'MORE' || hasMore;
      } catch (error) {
        if (isUnavailable(error)) throw error;
        // The other operations go on, and come before this one in the next round.
        this.#options.onFailure(error);
        const data = { workedAt: this.#core.clock.now() };
        await this.#core.prisma.operation.updateMany({ where: { id: operation.id }, data });
      }
    }
    return hasMore;
  }

  /** Stops after the current batch. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    this.#timer?.();
    await this.#running.catch(() => undefined);
  }

  #schedule(ms: number): void {
    if (this.#isStopping) return;
    this.#timer = this.#core.clock.after(ms, () => {
      this.#running = (this.#options.mayRun() ? this.runDue() : Promise.resolve()).then(
        () => this.#schedule(INTERVAL_MS),
        (error: unknown) => {
          this.#options.onFailure(error);
          this.#schedule(Math.min(LONGEST_INTERVAL_MS, ms * 2));
        },
      );
    });
  }
}

/** Stops the proposed operations that were not approved in time. */
async function stopUnapproved(core: PolicyCore): Promise<void> {
  const where = {
    state: 'AWAITING_APPROVAL' as const,
    startedAt: { lte: addMs(core.clock.now(), -APPROVAL_WAIT_MS) },
  };
  for (const { id } of await core.prisma.operation.findMany({ where, select: { id: true } })) {
    await change(core, async (change) => {
      await change.tx.$queryRaw`SELECT 1 FROM "Operation" WHERE id = ${id} FOR NO KEY UPDATE`;
      const operation = await change.tx.operation.findFirst({ where: { id, ...where } });
      if (operation === null) return;
      const stopped = await writeStop(change, operation);
      const reason = 'No second person approved it within 7 days.';
      const event = { at: change.now(), ...operationSubject(stopped), actor: systemActor, reason };
      change.record({ type: 'OPERATION_STOPPED', ...event, data: progressOf(stopped) });
    });
  }
}
