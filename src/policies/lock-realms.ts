import type { Transaction } from '../store/core.ts';

/**
 * Serializes changes of bindings, their faults and their brakes in a realm, over all nodes, until the transaction ends. Lock order,
 * to avoid deadlocks: keys first, then this lock, then the realm's row and its bindings.
 */
export async function lockRealms(tx: Transaction, realmIds: Iterable<string>): Promise<void> {
  for (const realmId of [...new Set(realmIds)].toSorted()) {
    await tx.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended(${`policies of ${realmId}`}, 0))`;
  }
}
