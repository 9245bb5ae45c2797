import type { Binding } from '../../prisma/generated/client/client.ts';
import { change } from '../log/change.ts';
import { knownFault, filterStillSelected } from '../policies/known-fault.ts';
import { markWorking } from '../policies/write-reports.ts';
import type { Core } from '../store/core.ts';

/** Among how many other keys one is looked for that a binding is asked about. */
const MAX_CANDIDATES = 20;

/**
 * Has the keys that each broken binding failed looked at when it is time to try again; of one that rests another key too, so
 * that it is seen whether the module fails or only for those. One that failed none that it is still asked about is mended.
 */
export async function retryBrokenBindings(core: Core): Promise<void> {
  const { prisma, clock } = core;
  const now = clock.now();
  const broken = await prisma.binding.findMany({
    where: { health: 'BROKEN', unboundAt: null, retryAt: { lte: now } },
    orderBy: { id: 'asc' },
  });
  for (const binding of broken) {
    const fault = knownFault(binding);
    if (fault === null) continue;
    const failed = await filterStillSelected(prisma, binding, fault.revision, fault.keyIds, now);
    if (failed.length === 0) {
      await change(core, (change) => markWorking(change, binding, change.now()));
      continue;
    }
    const other = fault.isResting ? await findProbeKey(core, binding, fault.revision, fault.keyIds, now) : [];
    await prisma.$executeRaw`
      UPDATE "Key" SET "reviewAt" = least("reviewAt", ${now}) WHERE id IN (
        SELECT id FROM "Key" WHERE id = ANY(${[...failed, ...other]}) AND "revokedAt" IS NULL AND "expiredAt" IS NULL
        ORDER BY id FOR NO KEY UPDATE)`;
  }
}

async function findProbeKey(
  { prisma }: Core,
  binding: Binding,
  revision: number,
  failed: readonly string[],
  now: Date,
): Promise<readonly string[]> {
  const keys = await prisma.key.findMany({
    where: { realmId: binding.realmId, revokedAt: null, expiredAt: null, id: { notIn: [...failed] } },
    select: { id: true },
    orderBy: { id: 'desc' },
    take: MAX_CANDIDATES,
  });
  const ids = keys.map(({ id }) => id);
  return (await filterStillSelected(prisma, binding, revision, ids, now)).slice(0, 1);
}
