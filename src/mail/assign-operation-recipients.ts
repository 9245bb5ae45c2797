import { DAY_MS } from '../domain/duration.ts';
import { addMs } from '../domain/key.ts';
import { change } from '../log/change.ts';
import type { Core } from '../store/core.ts';
import { scheduleDigests } from './schedule-digests.ts';

/** How many operations one transaction handles. */
const BATCH = 20;

/** The news of an operation that ended longer ago than this are not sent any more. */
const NEWS_MS = 7 * DAY_MS;

/**
 * Assigns the recipients of the operations that have ended: for each owner whose keys were changed, the account itself or
 * the OWNERs of the organization, else its ADMINs; for a transfer also the new owner. The person who acted, disabled
 * accounts and accounts without notices by mail get none. Each operation is handled by one node. Returns how many
 * operations were handled.
 */
export function assignOperationRecipients(core: Core): Promise<number> {
  return change(core, async ({ tx, now }) => {
    const at = now();
    const ended = await tx.$queryRaw<{ id: string }[]>`
      UPDATE "Operation" SET "mailAt" = NULL WHERE id IN (
        SELECT id FROM "Operation" WHERE "mailAt" <= ${at} AND "endedAt" IS NOT NULL
        ORDER BY "mailAt", id LIMIT ${BATCH} FOR NO KEY UPDATE SKIP LOCKED)
      RETURNING id`;
    if (ended.length === 0) return 0;
    const ids = ended.map(({ id }) => id);
    const added = await tx.$queryRaw<{ accountId: string }[]>`
      WITH news AS (
        SELECT * FROM "Operation" WHERE id = ANY(${ids}::text[]) AND "endedAt" > ${addMs(at, -NEWS_MS)}
      ), changed AS (
        SELECT DISTINCT o.id, k."ownerId" FROM news o JOIN "OperationKey" k ON k."operationId" = o.id
        WHERE k.state = CASE WHEN o."isUndoing" THEN 'UNDONE' ELSE 'DONE' END::"OperationKeyState"
      ), owners AS (
        SELECT id, "ownerId" FROM changed WHERE "ownerId" IS NOT NULL
        UNION SELECT o.id, o.change ->> 'owner' FROM news o WHERE o.kind = 'TRANSFER' AND o.done > 0
      ), candidates AS (
        SELECT id, "ownerId", "ownerId" AS "accountId", 0 AS rung FROM owners
        UNION ALL
        SELECT o.id, o."ownerId", m."accountId", CASE m.role WHEN 'OWNER' THEN 0 ELSE 1 END
        FROM owners o JOIN "Membership" m ON m."organizationId" = o."ownerId" WHERE m.role IN ('OWNER', 'ADMIN')
      ), reachable AS (
        SELECT c.*, min(c.rung) OVER (PARTITION BY c.id, c."ownerId") AS lowest
        FROM candidates c JOIN "Account" a ON a.id = c."accountId"
        WHERE a."disabledAt" IS NULL AND a."noticesByMail"
      )
      INSERT INTO "OperationMail" ("operationId", "isUndo", "ownerId", "accountId", "addedAt")
      SELECT o.id, o."isUndoing", r."ownerId", r."accountId", ${at}
      FROM reachable r JOIN news o ON o.id = r.id WHERE r.rung = r.lowest AND r."accountId" <> o."actingId"
      ON CONFLICT DO NOTHING RETURNING "accountId"`;
    await scheduleDigests(
      tx,
      added.map(({ accountId }) => accountId),
    );
    return ended.length;
  });
}
