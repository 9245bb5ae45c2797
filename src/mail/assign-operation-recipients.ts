import { DAY_MS } from '../domain/duration.ts';
import { addMs } from '../domain/key.ts';
import { change } from '../log/change.ts';
import type { Core } from '../store/core.ts';
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
 * started or approved the operation get none, and neither do subjects. Each operation is handled by one node. Returns how
 * many operations were handled.
 */
export function assignOperationRecipients(core: Core): Promise<number> {
  return change(core, async ({ tx, now }) => {
    const at = now();
    const ended = await tx.$queryRaw<EndedOperation[]>`
      UPDATE "Operation" SET "mailedAt" = ${at} WHERE id IN (
        SELECT id FROM "Operation"
        WHERE "mailedAt" IS NULL AND state IN ('DONE', 'STOPPED') AND "endedAt" > ${addMs(at, -LATEST_MS)}
          AND kind = ANY(${Object.keys(operationSentences)})
        ORDER BY "endedAt" LIMIT ${BATCH} FOR NO KEY UPDATE SKIP LOCKED)
      RETURNING id, "accountId", "approvedById"`;
    if (ended.length === 0) return 0;
    const owned = await tx.$queryRaw<{ operationId: string; ownerId: string }[]>`
      SELECT DISTINCT "operationId", "ownerId" FROM "OperationKey"
      WHERE "operationId" = ANY(${ended.map(({ id }) => id)}) AND state = 'DONE' AND "ownerId" IS NOT NULL`;
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
      return [...ownersByAccount].map(([accountId, ownerIds]) => ({ operationId, accountId, ownerIds, addedAt: at }));
    });
    await tx.operationMail.createMany({ data: added, skipDuplicates: true });
    await scheduleDigests(
      tx,
      added.map(({ accountId }) => accountId),
    );
    return ended.length;
  });
}
