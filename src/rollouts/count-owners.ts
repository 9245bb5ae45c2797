import type { Rollout } from '../../prisma/generated/client/client.ts';
import { hashPosition, type OwnerKeys, type PlacedOwner } from '../domain/cohort.ts';
import { isReached } from '../domain/rollout.ts';
import { reachOfRollout, type RolloutReader } from './stored-rollout.ts';

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

/** The least share of the owners in a cohort that must have used a key in the stage: less says nothing about the others. */
const EVIDENCE_SHARE = 0.1;

/**
 * Whether enough was used since the present stage began to know whether it breaks anything: a tenth of the reached owners
 * with keys, and at least one of them, used a key or were refused.
 */
export async function hasEvidence(tx: RolloutReader, rollout: Rollout): Promise<boolean> {
  const owners = await tx.$queryRaw<{ ownerId: string; isUsed: boolean }[]>`
    SELECT coalesce("accountId", "organizationId", "subjectId") AS "ownerId",
      bool_or("lastUsedAt" >= ${rollout.stageSince}) IS TRUE AS "isUsed"
    FROM "Key" WHERE "realmId" = ${rollout.realmId} AND "revokedAt" IS NULL
      AND ("expiredAt" IS NULL OR "expiredAt" >= ${rollout.stageSince}) GROUP BY 1`;
  const rows = await tx.rolloutOwner.findMany({ where: { rolloutId: rollout.id } });
  const stored = new Map(rows.map((row) => [row.ownerId, row]));
  const reach = reachOfRollout(rollout);
  const reached = owners.filter(({ ownerId }) => {
    const row = stored.get(ownerId);
    const member = { ownerId, position: row?.position ?? null, isEnrolled: row?.isEnrolled ?? false };
    return isReached(reach, { ...member, exceptUntil: null });
  });
  const used = reached.filter(({ isUsed }) => isUsed).length;
  return used >= Math.max(1, Math.ceil(reached.length * EVIDENCE_SHARE));
}
