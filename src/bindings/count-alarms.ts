import type { Core } from '../store/core.ts';

/** How many bindings are BROKEN, in all realms. */
export function countBrokenBindings({ prisma }: Core): Promise<number> {
  return prisma.binding.count({ where: { health: 'BROKEN', unboundAt: null } });
}

/** How many brakes are engaged, in all realms. */
export function countEngagedBrakes({ prisma }: Core): Promise<number> {
  return prisma.brake.count({ where: { state: 'ENGAGED' } });
}
