import type { Binding } from '../../prisma/generated/client/client.ts';
import { change } from '../log/change.ts';
import { knownFault, filterStillSelected } from '../policies/known-fault.ts';
import { markWorking } from '../policies/write-reports.ts';
import type { Core } from '../store/core.ts';

/** How many other keys are searched for one that the binding selects. */
const MAX_CANDIDATES = 20;

/**
 * Makes the keys due for review for which a broken binding failed, when its retry is due. If the binding rests, another
 * key is made due too, to find out whether the module fails for all keys or only for those. A binding that selects none
 * of the failed keys any more is marked as working.
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
