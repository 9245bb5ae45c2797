import { DAY_MS } from '../domain/duration.ts';
import { addMs } from '../domain/key.ts';
import { change } from '../log/change.ts';
import { everyNodeReads, OPERATION_MAILS } from '../policies/heartbeat.ts';
import type { Core, Transaction } from '../store/core.ts';
import { loadNoticeRungs } from './escalation.ts';
import { operationSentences } from './operation-sentences.ts';
import { scheduleDigests } from './schedule-digests.ts';

/** How many operations one transaction handles. */
const BATCH = 20;

/** No operation is mailed about that ended before this: a gateway that learns of a mail server later mails no old ones. */
const LATEST_MS = DAY_MS;

interface EndedOperation {
  readonly id: string;
  readonly accountId: string;
  readonly approvedById: string | null;
}

/**
 * Assigns the recipients of the mails about operations that have ended: for each owner of a key that was changed, the
 * account, or those on the lowest rung of its organization. One mail to an account has all its keys. The persons who
 * started or approved the operation get none, and neither do subjects. Operations wait while a node of the release before is
 * seen: it would send a digest without them. Such a node may not be seen, because its heartbeat is late or it starts only later:
 * what it omits is mailed later. Each operation is handled by one node. Returns how many operations were handled.
 */
export function assignOperationRecipients(core: Core): Promise<number> {
  return change(core, async ({ tx, now }) => {
    const at = now();
    const ended = await tx.$queryRaw<EndedOperation[]>`
      UPDATE "Operation" SET "mailedAt" = ${at} WHERE id IN (
        SELECT id FROM "Operation"
        WHERE "mailedAt" IS NULL AND state IN ('DONE', 'STOPPED') AND "endedAt" > ${addMs(at, -LATEST_MS)}
          AND kind = ANY(${Object.keys(operationSentences)}) AND ${everyNodeReads(OPERATION_MAILS, at)}
        ORDER BY "endedAt" LIMIT ${BATCH} FOR NO KEY UPDATE SKIP LOCKED)
      RETURNING id, "accountId", "approvedById"`;
    if (ended.length === 0) {
      await scheduleOmitted(tx);
      return 0;
    }
    const operationIds = ended.map(({ id }) => id);
    await completeOwners(tx, operationIds);
    const owned = await tx.$queryRaw<{ operationId: string; ownerId: string }[]>`
      SELECT DISTINCT "operationId", "ownerId" FROM "OperationKey"
      WHERE "operationId" = ANY(${operationIds}) AND state = 'DONE' AND "ownerId" IS NOT NULL`;
    const rungs = await loadNoticeRungs(
      tx,
      owned.map(({ ownerId }) => ownerId),
    );
    const added = ended.flatMap(({ id: operationId, accountId: starterId, approvedById }) => {
      const ownersByAccount = new Map<string, string[]>();
      for (const { ownerId } of owned.filter((one) => one.operationId === operationId)) {
        const [owners = [], coOwners = []] = rungs.get(ownerId) ?? [];
        for (const accountId of owners.length > 0 ? owners : coOwners) {
          if (accountId === starterId || accountId === approvedById) continue;
          ownersByAccount.set(accountId, [...(ownersByAccount.get(accountId) ?? []), ownerId]);
        }
      }
      return [...ownersByAccount].map(([accountId, ownerIds]) => ({
        operationId,
        accountId,
        ownerIds,
        addedAt: at,
        isUnsent: true,
      }));
    });
    await tx.operationMail.createMany({ data: added, skipDuplicates: true });
    await scheduleDigests(
      tx,
      added.map(({ accountId }) => accountId),
    );
    return ended.length;
  });
}

/** Stores who owned the keys that a node of the release before changed, which stores no owner. */
async function completeOwners(tx: Transaction, operationIds: readonly string[]): Promise<void> {
  await tx.$executeRaw`
    UPDATE "OperationKey" o SET "ownerId" = coalesce(
      (SELECT e.data->>'from' FROM "Event" e
        WHERE e."keyId" = o."keyId" AND e.type = 'KEY_TRANSFERRED' AND e.data->>'operationId' = o."operationId" LIMIT 1),
      k."accountId", k."organizationId", k."subjectId")
    FROM "Key" k
    WHERE k.id = o."keyId" AND o."operationId" = ANY(${operationIds}) AND o.state = 'DONE' AND o."ownerId" IS NULL`;
}

/**
 * Schedules the mails that a node of the release before has omitted. It finished their digest without them, or deleted it as
 * empty, so that they wait without a date.
 */
async function scheduleOmitted(tx: Transaction): Promise<void> {
  await tx.$executeRaw`
    UPDATE "OperationMail" o SET "digestId" = NULL FROM "Digest" d
    WHERE d.id = o."digestId" AND d."tryAt" IS NULL AND o."isUnsent" AND o."failedAt" IS NULL`;
  const waiting = await tx.$queryRaw<{ accountId: string }[]>`
    SELECT DISTINCT o."accountId" FROM "OperationMail" o JOIN "Mailbox" m ON m."accountId" = o."accountId"
    WHERE o."digestId" IS NULL AND o."failedAt" IS NULL AND m."dueAt" IS NULL`;
  await scheduleDigests(
    tx,
    waiting.map(({ accountId }) => accountId),
  );
}
