import type { Transaction } from '../store/core.ts';

/**
 * Has changes of bindings, their faults and their brakes go one after the other in a realm, over all nodes, until the change
 * has committed. Who locks keys does so before, who locks the realm's row or its bindings does so after: then nobody waits
 * in a circle.
 */
export async function lockRealms(tx: Transaction, realmIds: Iterable<string>): Promise<void> {
  for (const realmId of [...new Set(realmIds)].toSorted()) {
    await tx.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended(${`policies of ${realmId}`}, 0))`;
  }
}
