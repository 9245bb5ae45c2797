import type { Rollout } from '../../prisma/generated/client/client.ts';
import { hashPosition, type OwnerKeys, type PlacedOwner } from '../domain/cohort.ts';
import type { RolloutReader } from './stored-rollout.ts';

/** Counts the live keys of each owner in a realm. */
export async function countKeysOfOwners(tx: RolloutReader, realmId: string): Promise<readonly OwnerKeys[]> {
  return tx.$queryRaw<OwnerKeys[]>`
    SELECT coalesce("accountId", "organizationId", "subjectId") AS "ownerId", count(*)::int AS "keyCount"
    FROM "Key" WHERE "realmId" = ${realmId} AND "revokedAt" IS NULL AND "expiredAt" IS NULL GROUP BY 1`;
}

/** Returns the owners of a rollout's realm with their keys and their places in its cohorts. */
export async function placeOwners(tx: RolloutReader, { id, realmId, salt }: Rollout): Promise<readonly PlacedOwner[]> {
  const rows = await tx.rolloutOwner.findMany({ where: { rolloutId: id, position: { not: null } } });
  const stored = new Map(rows.map(({ ownerId, position }) => [ownerId, position]));
  const owners = await countKeysOfOwners(tx, realmId);
  return owners.map(({ ownerId, keyCount }) => ({
    keyCount,
    position: stored.get(ownerId) ?? hashPosition(salt, ownerId),
  }));
}
