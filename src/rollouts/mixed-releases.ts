import type { Rollout } from '../../prisma/generated/client/client.ts';
import { stageOf } from '../domain/rollout.ts';
import { change } from '../log/change.ts';
import { lockRealm } from '../policies/lock-realm.ts';
import { isReadByAll } from './check-rollout.ts';
import { lockRollout } from './lock-rollout.ts';
import { progressOfRollout, type RolloutCore } from './stored-rollout.ts';
import { sweepBinding } from './write-stage.ts';

/**
 * Notices nodes of a release before rollouts that run while rollouts are open, such as one that returns from an upgrade that failed. They
 * review keys under the revision before. So no stage begins meanwhile, and when they are gone all keys are reviewed again.
 */
export class MixedReleases {
  readonly #core: RolloutCore;
  #wereMixed = false;

  constructor(core: RolloutCore) {
    this.#core = core;
  }

  /** Returns whether such a node is seen. Starts the sweeps of the rollouts when the last one has gone. */
  async check(now: Date): Promise<boolean> {
    const { prisma } = this.#core;
    const open = await prisma.rollout.findMany({ where: { endedAt: null }, orderBy: { id: 'asc' } });
    if (open.length === 0) return false;
    if (!(await isReadByAll(prisma, now))) {
      this.#wereMixed = true;
      return true;
    }
    if (!this.#wereMixed) return false;
    for (const rollout of open) await this.#sweepAgain(rollout);
    this.#wereMixed = false;
    return false;
  }

  async #sweepAgain({ id, realmId, bindingId }: Rollout): Promise<void> {
    await change(this.#core, async (change) => {
      await lockRealm(change.tx, realmId);
      const rollout = await lockRollout(change.tx, id);
      if (rollout.endedAt !== null || stageOf(progressOfRollout(rollout)).kind === 'COMMENT') return;
      const { sweepCursor } = await change.tx.binding.findUniqueOrThrow({ where: { id: bindingId } });
      // Another node has seen it, too.
      if (sweepCursor !== null) return;
      // The stops of the stage that those nodes moved later are moved earlier again: they must not use up the budget twice.
      const { brakeUsed = 0 } = stageOf(progressOfRollout(rollout));
      await change.tx.rollout.update({ where: { id }, data: { brakeUsed } });
      await sweepBinding(change, rollout);
    });
  }
}
