import { newId } from '../../domain/id.ts';
import { change } from '../../log/change.ts';
import type { Core } from '../../store/core.ts';

/** How many accounts one transaction sees to. */
const BATCH = 100;

/**
 * Makes one digest of all that waits for each account whose next one is due, unless its last is still on its way. Each
 * account is seen to by one node. `domain` is what message ids end in. Returns how many were made.
 */
export function createDigests(core: Core, domain: string): Promise<number> {
  return change(core, async ({ tx, now }) => {
    const at = now();
    const due = await tx.$queryRaw<{ accountId: string }[]>`
      SELECT m."accountId" FROM "Mailbox" m
      WHERE m."dueAt" <= ${at}
        AND NOT EXISTS (SELECT FROM "Digest" d WHERE d."accountId" = m."accountId" AND d."tryAt" IS NOT NULL)
      ORDER BY m."dueAt" LIMIT ${BATCH} FOR UPDATE SKIP LOCKED`;
    for (const { accountId } of due) {
      const id = newId('digest', at, core.random);
      await tx.digest.create({ data: { id, accountId, messageId: `<${id}@${domain}>`, createdAt: at, tryAt: at } });
      const waiting = { where: { accountId, digestId: null, failedAt: null }, data: { digestId: id } };
      await tx.noticeMail.updateMany(waiting);
      await tx.leakMail.updateMany(waiting);
      await tx.mailbox.update({ where: { accountId }, data: { lastDigestAt: at, dueAt: null } });
    }
    return due.length;
  });
}
