import type { Change } from '../log/change.ts';
import { lockOwner } from './lock-owners.ts';

/**
 * Schedules reviews of the living keys of an owner that has changed: all of them, or only those that dormancy has warned or held.
 * For an account, the keys of its organizations are included. Unless only dormant keys are woken, it waits until no key
 * is being issued for the owner, and wakes those that were. A key that another transaction is changing may have been
 * evaluated with the old owner. Its review is scheduled after this transaction has committed, because waiting for the lock now
 * could deadlock with a transaction that waits for the owner.
 */
export async function wakeKeysOf(
  { tx, core, afterCommit }: Change,
  ownerId: string,
  now: Date,
  { onlyDormant }: { readonly onlyDormant: boolean },
): Promise<void> {
  if (!onlyDormant) await lockOwner(tx, ownerId);
  const busy = await tx.$queryRaw<{ id: string }[]>`
    WITH own AS (
      SELECT id FROM "Key"
      WHERE ("accountId" = ${ownerId} OR "organizationId" = ${ownerId} OR "subjectId" = ${ownerId}
             OR "organizationId" IN (SELECT "organizationId" FROM "Membership" WHERE "accountId" = ${ownerId}))
        AND "revokedAt" IS NULL AND "expiredAt" IS NULL AND (NOT ${onlyDormant} OR standing <> 'ACTIVE')
    ), free AS (
      SELECT id FROM "Key" WHERE id IN (SELECT id FROM own) ORDER BY id FOR NO KEY UPDATE SKIP LOCKED
    ), woken AS (
      UPDATE "Key" SET "reviewAt" = least("reviewAt", ${now}) WHERE id IN (SELECT id FROM free)
    )
    SELECT id FROM own WHERE id NOT IN (SELECT id FROM free)`;
  if (busy.length === 0) return;
  const ids = busy.map(({ id }) => id);
  afterCommit(async () => {
    await core.prisma.$executeRaw`
      UPDATE "Key" SET "reviewAt" = least("reviewAt", ${now}) WHERE id IN (
        SELECT id FROM "Key" WHERE id = ANY(${ids}) AND "revokedAt" IS NULL AND "expiredAt" IS NULL
        ORDER BY id FOR NO KEY UPDATE)`;
  });
}
