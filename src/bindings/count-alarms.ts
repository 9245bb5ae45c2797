import type { Core } from '../store/core.ts';

/** Counts the BROKEN bindings of all realms. */
export function countBrokenBindings({ prisma }: Core): Promise<number> {
  return prisma.binding.count({ where: { health: 'BROKEN', unboundAt: null } });
}

/** Counts the engaged brakes of all realms. */
export function countEngagedBrakes({ prisma }: Core): Promise<number> {
  return prisma.brake.count({ where: { state: 'ENGAGED' } });
}
