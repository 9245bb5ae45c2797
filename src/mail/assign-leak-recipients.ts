import { DAY_MS } from '../domain/duration.ts';
import { addMs } from '../domain/key.ts';
import { change } from '../log/change.ts';
import type { Core, Transaction } from '../store/core.ts';
import { scheduleDigests } from './schedule-digests.ts';
import { loadEscalationRungs } from './escalation.ts';

/** How many leaks one transaction handles. */
const BATCH = 200;

/** When no recipient of a leak is left, all of them are tried again after this time. */
const RETRY_MS = DAY_MS;

/** The result of one batch. */
export interface LeakAssignment {
  /** How many leaks the batch had. */
  readonly count: number;
  /**
   * The keys of leaks without a recipient left. All recipients of such a leak are tried again after a day, until one
   * could be reached.
   */
  readonly unreachableKeyIds: readonly string[];
}

/**
 * Assigns the recipients of the leaks that are due: the accounts on the lowest rung that has an account which was not
 * tried yet. The rungs are those of the key's owner now, as for notices. Each leak is handled by one node.
 */
export function assignLeakRecipients(core: Core): Promise<LeakAssignment> {
  return change(core, async ({ tx, now }) => {
    const due = await tx.$queryRaw<{ secretId: string; ownerId: string; keyId: string }[]>`
      UPDATE "Leak" l SET "mailAt" = NULL FROM "Secret" s JOIN "Key" k ON k.id = s."keyId"
      WHERE s.id = l."secretId" AND l."secretId" IN (
        SELECT "secretId" FROM "Leak" WHERE "mailAt" <= ${now()} ORDER BY "mailAt" LIMIT ${BATCH}
        FOR NO KEY UPDATE SKIP LOCKED)
      RETURNING l."secretId", coalesce(k."accountId", k."organizationId", k."subjectId") AS "ownerId", s."keyId"`;
    if (due.length === 0) return { count: 0, unreachableKeyIds: [] };
    const addedAt = now();
    const rungs = await loadEscalationRungs(
      tx,
      due.map(({ ownerId }) => ownerId),
    );
    const existingMails = await tx.leakMail.findMany({
      where: { secretId: { in: due.map(({ secretId }) => secretId) } },
    });
    const added = due.flatMap(({ secretId, ownerId }) => {
      const tried = new Set(
        existingMails.filter((mail) => mail.secretId === secretId).map(({ accountId }) => accountId),
      );
      const untriedRungs = (rungs.get(ownerId) ?? []).map((rung) => rung.filter((accountId) => !tried.has(accountId)));
      const recipientIds = untriedRungs.find((rung) => rung.length > 0) ?? [];
      return recipientIds.map((accountId) => ({ secretId, accountId, addedAt }));
    });
    await tx.leakMail.createMany({ data: added, skipDuplicates: true });
    const accountIds = added.map(({ accountId }) => accountId);
    await expediteDigests(tx, accountIds, addedAt);
    await scheduleDigests(tx, accountIds);
    const assignedIds = new Set(added.map(({ secretId }) => secretId));
    const unreachable = due.filter(({ secretId }) => !assignedIds.has(secretId));
    const secretId = { in: unreachable.map((leak) => leak.secretId) };
    await tx.leakMail.deleteMany({ where: { secretId } });
    await tx.leak.updateMany({ where: { secretId }, data: { mailAt: addMs(addedAt, RETRY_MS) } });
    return { count: due.length, unreachableKeyIds: unreachable.map(({ keyId }) => keyId) };
  });
}

/**
 * Makes digests that wait for a retry due now, so that they take the leaks along. A digest that is being sent is not
 * changed: `finishDigest` sees the new leak when the attempt ends.
 */
async function expediteDigests(tx: Transaction, accountIds: readonly string[], now: Date): Promise<void> {
  await tx.$queryRaw`
    SELECT 1 FROM "Digest" WHERE "accountId" = ANY(${[...accountIds]}) AND "tryAt" IS NOT NULL ORDER BY id FOR NO KEY UPDATE`;
  await tx.digest.updateMany({
    where: { accountId: { in: [...accountIds] }, lease: null, tryAt: { gt: now } },
    data: { tryAt: now },
  });
}
