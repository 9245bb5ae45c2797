import type { Rollout } from '../../prisma/generated/client/client.ts';
import { previewPolicy } from '../../src/bindings/preview.ts';
import { DAY_MS } from '../../src/domain/duration.ts';
import type { RolloutStage, RolloutStageKind } from '../../src/domain/rollout-stage.ts';
import { proposeRollout, type ProposeRolloutInput } from '../../src/rollouts/propose.ts';
import { RolloutLoop } from '../../src/rollouts/rollout-loop.ts';
import { openBindingWorld, LIFE, type BindingWorld } from './binding-world.ts';
import { success } from './key-world.ts';

/** A world of bindings in which rollouts advance. */
export interface RolloutWorld extends BindingWorld {
  readonly approvalKeys: number | null;
  readonly loop: RolloutLoop;
  /** Proposes a rollout as the administrator, with the token of its preview. */
  propose(input?: Partial<ProposeRolloutInput>): Promise<Rollout>;
  rollout(id: string): Promise<Rollout>;
  /** Lets time pass, then rollouts advance and all that is due be reviewed, until nothing is left to do. */
  pass(ms: number): Promise<void>;
  /** The types of the events of rollouts, in their order. */
  rolloutEvents(): Promise<string[]>;
}

/** How long a stage that stops keys runs at least: the notice period, and a day. */
export const STOPPING_STAGE_MS = 31 * DAY_MS;

export function stage(kind: RolloutStageKind, more: Partial<RolloutStage> = {}): RolloutStage {
  return { kind, atLeastMs: DAY_MS, share: null, windows: [], ...more };
}

/** The stages that a test proposes when it does not care. */
export const usualStages = [
  stage('COMMENT'),
  stage('SHADOW'),
  stage('COHORT', { share: 0.5 }),
  stage('ENFORCED'),
] as const;

export async function openRolloutWorld(
  approvalKeys: number | null = null,
  options: Parameters<typeof openBindingWorld>[0] = {},
): Promise<RolloutWorld> {
  const bindingWorld = await openBindingWorld(options);
  const core = { ...bindingWorld, approvalKeys };
  const { prisma, clock, reviewer, failures, admin } = bindingWorld;
  await bindingWorld.write('life', LIFE);
  const loop = new RolloutLoop(core, { mayRun: () => true, onFailure: (error) => failures.push(error) });
  const settle = async () => {
    for (let isRestoring = true; isRestoring;) {
      await reviewer.reviewDue();
      isRestoring = await loop.runDue();
      await reviewer.reviewDue();
    }
  };
  return {
    ...core,
    loop,
    async propose(input = {}) {
      const change = { config: { life: 'P90D' }, ...(input.bindingId == null && { policy: 'life' }), ...input };
      const { bindingId = null, policy = null, config, selector, remove } = change;
      const { previewToken } = await previewPolicy(core, admin, {
        realm: 'default',
        bindingId,
        policy,
        ...(remove === true ? { remove } : { config, mode: 'ENFORCED' as const }),
        ...(selector !== undefined && { selector }),
      });
      const texts = { title: 'Shorter lives', explanation: 'Keys that live long are lost.' };
      const plan = { stages: usualStages, budget: { owners: 0, share: null } };
      const proposal = { realm: 'default', ...texts, ...plan, ...change, previewToken };
      const { rolloutId } = success(await proposeRollout(core, admin, proposal));
      return prisma.rollout.findUniqueOrThrow({ where: { id: rolloutId } });
    },
    rollout: (id) => prisma.rollout.findUniqueOrThrow({ where: { id } }),
    async pass(ms) {
      clock.advance(ms);
      await settle();
    },
    async rolloutEvents() {
      const where = { type: { startsWith: 'ROLLOUT_' } };
      const rows = await prisma.event.findMany({ where, orderBy: { position: 'asc' } });
      return rows.map(({ type }) => type.replace('ROLLOUT_', ''));
    },
  };
}
