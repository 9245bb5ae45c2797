import type { Change } from '../log/change.ts';

/**
 * Lets a key that is transferred stay in the cohort of the owner that it had (rule 47), and keep the exceptions of that
 * owner, in each rollout of its realm. The consent to brownouts was that owner's: it ends.
 */
export async function keepCohort(
  { tx }: Change,
  { id, realmId }: { readonly id: string; readonly realmId: string },
  { from, to }: { readonly from: string; readonly to: string },
): Promise<void> {
  await tx.$executeRaw`
    INSERT INTO "RolloutKey" ("rolloutId", "keyId", "ownerId", "presentOwnerId")
    SELECT ro.id, ${id}, ${from}, ${to} FROM "Rollout" ro
    WHERE ro."realmId" = ${realmId} AND (ro."endedAt" IS NULL OR (ro.state = 'DONE' AND ro."exceptionsUntil" IS NOT NULL))
    ON CONFLICT ("rolloutId", "keyId") DO UPDATE SET
      "ownerId" = coalesce("RolloutKey"."ownerId", excluded."ownerId"), "presentOwnerId" = excluded."presentOwnerId",
      "takesBrownouts" = false, "enrolledAt" = NULL, consumers = '{}'`;
}
