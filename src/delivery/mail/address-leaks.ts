import { change } from '../../log/change.ts';
import type { Core, Transaction } from '../../store/core.ts';
import { planDigests } from './plan-digests.ts';
import { loadRungs } from './rungs.ts';

/** How many leaks one transaction sees to. */
const BATCH = 200;

/**
 * Sees to whom leaks are told: the nearest rung of the owner whose key it was on which somebody is left who has not refused
 * it. Each leak is seen to by one node. Returns how many were.
 */
export function addressLeaks(core: Core): Promise<number> {
  return change(core, async ({ tx, now }) => {
    const due = await tx.$queryRaw<{ secretId: string; ownerId: string }[]>`
      UPDATE "Leak" SET "mailAt" = NULL WHERE "secretId" IN (
        SELECT "secretId" FROM "Leak" WHERE "mailAt" <= ${now()} ORDER BY "mailAt" LIMIT ${BATCH}
        FOR NO KEY UPDATE SKIP LOCKED)
      RETURNING "secretId", "ownerId"`;
    if (due.length === 0) return 0;
    const addedAt = now();
    const rungs = await loadRungs(
      tx,
      due.map(({ ownerId }) => ownerId),
    );
    const told = await tx.leakMail.findMany({ where: { secretId: { in: due.map(({ secretId }) => secretId) } } });
    const added = due.flatMap(({ secretId, ownerId }) => {
      const refused = new Set(told.filter((mail) => mail.secretId === secretId).map(({ accountId }) => accountId));
      const left = (rungs.get(ownerId) ?? []).map((rung) => rung.filter((accountId) => !refused.has(accountId)));
      const nearest = left.find((rung) => rung.length > 0) ?? [];
      return nearest.map((accountId) => ({ secretId, accountId, addedAt }));
    });
    await tx.leakMail.createMany({ data: added, skipDuplicates: true });
    const accountIds = added.map(({ accountId }) => accountId);
    await hastenDigests(tx, accountIds, addedAt);
    await planDigests(tx, accountIds);
    return due.length;
  });
}

/** A digest that waits to be tried again is tried now, and takes the leak along; one that is being sent is looked at when that is over. */
async function hastenDigests(tx: Transaction, accountIds: readonly string[], now: Date): Promise<void> {
  await tx.$queryRaw`
    SELECT 1 FROM "Digest" WHERE "accountId" = ANY(${[...accountIds]}) AND "tryAt" IS NOT NULL ORDER BY id FOR UPDATE`;
  await tx.digest.updateMany({
    where: { accountId: { in: [...accountIds] }, lease: null, tryAt: { gt: now } },
    data: { tryAt: now },
  });
}
