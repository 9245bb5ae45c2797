import type { Change } from '../log/change.ts';

/** Returns the columns that start a sweep of a binding: all living keys of its realm are reviewed again, from the first on. */
export async function startSweep({ tx, core }: Change, realmId: string) {
  const sweepTotal = await tx.key.count({ where: { realmId, revokedAt: null, expiredAt: null } });
  const sweepNumber = Buffer.from(core.random(4)).readUInt32BE() >>> 1;
  return { sweepCursor: sweepTotal === 0 ? null : '', sweepTotal, sweepDone: 0, sweepSilent: 0, sweepNumber };
}
