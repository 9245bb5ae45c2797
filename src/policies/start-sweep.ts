import type { Change } from '../log/change.ts';

/** All living keys of a realm are to be looked at again, from the first on. */
export async function startSweep({ tx, core }: Change, realmId: string) {
  const sweepTotal = await tx.key.count({ where: { realmId, revokedAt: null, expiredAt: null } });
  const sweepNumber = Buffer.from(core.random(4)).readUInt32BE() >>> 1;
  return { sweepCursor: sweepTotal === 0 ? null : '', sweepTotal, sweepDone: 0, sweepSilent: 0, sweepNumber };
}
