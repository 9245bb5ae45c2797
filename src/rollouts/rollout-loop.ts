import type { Rollout } from '../../prisma/generated/client/client.ts';
import { dropBrakes } from '../brakes/end-brake.ts';
import { SECOND_MS } from '../domain/duration.ts';
import { systemActor } from '../domain/event.ts';
import {
  haltProgress,
  markInconclusive,
  mayStep,
  nextStep,
  openGates,
  stageOf,
  type RolloutStep,
} from '../domain/rollout.ts';
import { isInForceIn } from '../domain/rollout-stage.ts';
import type { Change } from '../log/change.ts';
import { endBrownouts, lockKeysInBrownouts } from '../keys/end-brownouts.ts';
import { changeAfterRehearsal } from '../log/rehearse.ts';
import { lockRealm } from '../policies/lock-realm.ts';
import { rehearsePolicies } from '../policies/rehearse-policies.ts';
import type { Cancel } from '../store/clock.ts';
import { isUnavailable } from '../store/unavailable.ts';
import { writeNextStage } from './advance.ts';
import { endExceptions } from './end-exceptions.ts';
import { lockRollout } from './lock-rollout.ts';
import { MixedReleases } from './mixed-releases.ts';
import { readGateFacts } from './read-gates.ts';
import { restoreKeys } from './restore-keys.ts';
import { progressColumns, progressOfRollout, stageEventData, type RolloutCore } from './stored-rollout.ts';
import { sweepBinding } from './write-stage.ts';

/** How often a node polls for rollouts: a rollout halts within a minute of the breakage that uses up its budget. */
const INTERVAL_MS = 10 * SECOND_MS;

/** Upper limit of the back-off after failures. */
const LONGEST_INTERVAL_MS = 30 * SECOND_MS;

/** How soon the loop runs again while keys return. */
const RESTORE_INTERVAL_MS = SECOND_MS;

const OVER_BUDGET = 'More broke than the budget of the rollout allows. Its last stage is undone.';
const INCONCLUSIVE = 'Too little was used in this stage to know whether it breaks anything.';

export interface RolloutLoopOptions {
  /** Returns false while the node's clock is too uncertain to begin a stage. */
  readonly mayRun: () => boolean;
  readonly onFailure: (error: unknown) => void;
}

/**
 * Lets rollouts advance: begins their stages when no gate is open, halts those that are over their budget, and lets keys return
 * that ended under what was undone. Any number of nodes share the work.
 */
export class RolloutLoop {
  readonly #core: RolloutCore;
  readonly #options: RolloutLoopOptions;
  readonly #mixedReleases: MixedReleases;
  #timer: Cancel | null = null;
  #running: Promise<unknown> = Promise.resolve();
  #isStopping = false;

  constructor(core: RolloutCore, options: RolloutLoopOptions) {
    this.#core = core;
    this.#options = options;
    this.#mixedReleases = new MixedReleases(core);
  }

  start(): void {
    this.#schedule(INTERVAL_MS);
  }

  /** Does what is due for all rollouts. Returns whether keys are still to return. */
  async runDue(): Promise<boolean> {
    const now = this.#core.clock.now();
    await this.#core.prisma.rollout.updateMany({
      where: { state: 'DONE', exceptionsUntil: { lte: now } },
      data: { exceptionsUntil: null },
    });
    await endExceptions(this.#core);
    const due = await this.#core.prisma.rollout.findMany({
      where: {
        OR: [{ endedAt: null, NOT: { state: 'PAUSED', isOverBudget: true } }, { restoreCursor: { not: null } }],
      },
      orderBy: { id: 'asc' },
    });
    const isMixed = await this.#mixedReleases.check(now);
    let isRestoring = false;
    for (const rollout of due) {
      if (this.#isStopping) return false;
      try {
        isRestoring = (await this.#work(rollout, isMixed)) || isRestoring;
      } catch (error) {
        if (isUnavailable(error)) throw error;
        this.#options.onFailure(new Error(`rollout ${rollout.id} failed`, { cause: error }));
      }
    }
    return isRestoring;
  }

  /** Stops after the current rollout. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    this.#timer?.();
    await this.#running.catch(() => undefined);
  }

  /** `isMixed`: a node of an earlier release is seen, so that no stage begins. */
  async #work(rollout: Rollout, isMixed: boolean): Promise<boolean> {
    if (rollout.restoreCursor !== null) {
      const isRestoring = await this.#restore(rollout);
      if (isRestoring) return true;
    }
    const step = await decideStep(this.#core, this.#core.prisma, rollout, this.#core.clock.now());
    if (step === 'WAIT' || (isMixed && step !== 'HALT')) return false;
    const work = async (change: Change<RolloutCore>) => {
      // Keys come before their realm, in the order of locks.
      if (step === 'HALT' && !change.isRehearsal) await lockKeysInBrownouts(change.tx, rollout);
      const locked = change.isRehearsal ? rollout : await takeRollout(change, rollout);
      if (locked !== null) await takeStep(change, locked, step);
    };
    await changeAfterRehearsal(rehearsePolicies(this.#core, { isForRequest: false }), work, work);
    return (await this.#core.prisma.rollout.findUniqueOrThrow({ where: { id: rollout.id } })).restoreCursor !== null;
  }

  /** Lets the next keys return, once the sweep after the undoing is over. Returns whether more may follow. */
  async #restore(rollout: Rollout): Promise<boolean> {
    const { sweepCursor } = await this.#core.prisma.binding.findUniqueOrThrow({ where: { id: rollout.bindingId } });
    if (sweepCursor !== null) return true;
    const restore = async (change: Change<RolloutCore>) => {
      // Not the row: its lock comes after those of keys, as reviews take them (deadlock).
      const present = change.isRehearsal ? rollout : await takeRestoring(change, rollout);
      if (present === null || present.restoreCursor === null) return null;
      // Another node has restored the batch of the rehearsal.
      const cursor = change.share('cursor', () => present.restoreCursor);
      return cursor === present.restoreCursor ? restoreKeys(change, present) : cursor;
    };
    const cores = rehearsePolicies(this.#core, { isForRequest: false });
    return (await changeAfterRehearsal(cores, restore, restore)) !== null;
  }

  #schedule(ms: number): void {
    if (this.#isStopping) return;
    this.#timer = this.#core.clock.after(ms, () => {
      this.#running = (this.#options.mayRun() ? this.runDue() : Promise.resolve(false)).then(
        (isRestoring) => this.#schedule(isRestoring ? RESTORE_INTERVAL_MS : INTERVAL_MS),
        (error: unknown) => {
          this.#options.onFailure(error);
          this.#schedule(Math.min(LONGEST_INTERVAL_MS, ms * 2));
        },
      );
    });
  }
}

/** Returns a rollout whose keys return, unless another node restores them: null. */
async function takeRestoring({ tx }: Change, { id }: Rollout): Promise<Rollout | null> {
  const [lock] = await tx.$queryRaw<[{ isMine: boolean }]>`
    SELECT pg_try_advisory_xact_lock(hashtextextended(${`restore ${id}`}, 0)) AS "isMine"`;
  return lock.isMine ? tx.rollout.findUniqueOrThrow({ where: { id } }) : null;
}

/** Locks a rollout, unless another node works on it: null. Locks the realm first, as use cases do. */
async function takeRollout({ tx }: Change, { id, realmId }: Rollout): Promise<Rollout | null> {
  await lockRealm(tx, realmId);
  const free = await tx.$queryRaw<unknown[]>`SELECT 1 FROM "Rollout" WHERE id = ${id} FOR NO KEY UPDATE SKIP LOCKED`;
  return free.length === 0 ? null : lockRollout(tx, id);
}

async function decideStep(core: RolloutCore, tx: Change['tx'], rollout: Rollout, now: Date): Promise<RolloutStep> {
  if (!mayStep(rollout)) return 'WAIT';
  return nextStep(progressOfRollout(rollout), await readGateFacts(core, tx, rollout, now), now);
}

/**
 * Does what a locked rollout does by itself. What the gates depend on is read again. A halt that was not `expected` is for the next
 * turn, which locks the keys first.
 */
async function takeStep(change: Change<RolloutCore>, rollout: Rollout, expected: RolloutStep): Promise<void> {
  const now = change.share('instant', () => change.now());
  const progress = progressOfRollout(rollout);
  const facts = await readGateFacts(change.core, change.tx, rollout, now);
  const step = nextStep(progress, facts, now);
  const { id, realmId } = rollout;
  if (step === 'ADVANCE') {
    const by = { actor: systemActor, reason: null };
    await writeNextStage(change, rollout, progress, openGates(progress, facts, now), by);
  } else if (step === 'ASK') {
    const asking = markInconclusive(progress);
    await change.tx.rollout.update({ where: { id }, data: progressColumns(asking) });
    const data = stageEventData(rollout, asking);
    change.record({ type: 'ROLLOUT_INCONCLUSIVE', at: now, realmId, actor: systemActor, reason: INCONCLUSIVE, data });
  } else if (step === 'HALT' && expected === 'HALT') {
    await haltRollout(change, rollout, now);
  }
}

/** The columns of who restored a rollout's keys, and of who approved its last stage, after a halt. */
const restoredByNone = {
  restoredById: null,
  restoredByName: null,
  approvedById: null,
  approvedByName: null,
  approvedAt: null,
};

/** Pauses a rollout that is over its budget, and undoes its last stage: keys that ended under it return. */
async function haltRollout(change: Change, rollout: Rollout, now: Date): Promise<void> {
  const { tx } = change;
  const { id, realmId, bindingId, revision } = rollout;
  const progress = progressOfRollout(rollout);
  const halted = haltProgress(progress, now);
  const stage = stageOf(halted);
  await tx.rollout.update({
    where: { id },
    data: {
      ...progressColumns(halted),
      threshold: stage.threshold ?? 0,
      restoreCursor: '',
      // The stops that the stage had moved return: it may move as many when it runs again.
      brakeUsed: stageOf(progress).brakeUsed ?? 0,
      ...restoredByNone,
    },
  });
  if (!isInForceIn(stage)) await dropBrakes(tx, bindingId, now, revision);
  await endBrownouts(change, rollout);
  await sweepBinding(change, rollout);
  const about = { at: now, realmId, actor: systemActor, reason: OVER_BUDGET };
  change.record({
    ...about,
    type: 'ROLLOUT_PAUSED',
    data: { ...stageEventData(rollout, progress), isOverBudget: true },
  });
}
