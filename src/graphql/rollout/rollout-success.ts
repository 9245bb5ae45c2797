import type { RolloutChanged } from '../../rollouts/stored-rollout.ts';
import type { SuccessFields } from '../mutation.ts';
import { RolloutRef } from './rollout.ts';

/** Builds the fields of a mutation that changes a rollout: the rollout after the change. */
export function rolloutField(t: SuccessFields<RolloutChanged>) {
  return {
    rollout: t.prismaField({
      type: RolloutRef,
      description: 'The rollout after the change.',
      resolve: (query, { rolloutId }, _args, { services }) =>
        services.prisma.rollout.findUniqueOrThrow({ ...query, where: { id: rolloutId } }),
    }),
  };
}
