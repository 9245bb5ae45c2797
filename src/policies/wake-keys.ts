import type { Transaction } from '../store/core.ts';

/**
 * Has the living keys of an owner that has changed, an account or an organization, looked at: all of them, or those that
 * dormancy has warned or held. Of an account, those of its organizations too. A key that is being changed right now is left to that change.
 */
export async function wakeKeysOf(
  tx: Transaction,
  ownerId: string,
  now: Date,
  { onlyDormant }: { readonly onlyDormant: boolean },
): Promise<void> {
  await tx.$executeRaw`
    UPDATE "Key" SET "reviewAt" = least("reviewAt", ${now}) WHERE id IN (
      SELECT id FROM "Key"
      WHERE ("accountId" = ${ownerId} OR "organizationId" = ${ownerId}
             OR "organizationId" IN (SELECT "organizationId" FROM "Membership" WHERE "accountId" = ${ownerId}))
        AND "revokedAt" IS NULL AND "expiredAt" IS NULL AND (NOT ${onlyDormant} OR standing <> 'ACTIVE')
      ORDER BY id FOR NO KEY UPDATE SKIP LOCKED)`;
}
