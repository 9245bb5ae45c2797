import { newId } from '../domain/id.ts';
import { change } from '../log/change.ts';
import type { Core, Transaction } from '../store/core.ts';

/** How many accounts one transaction handles. */
const BATCH = 100;

/**
 * Creates a digest of everything that waits for an account, for each account whose next digest is due and whose last
 * one is finished. Each account is handled by one node. `domain` is the right-hand side of the message ids. Returns how
 * many digests were created.
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
      await addWaitingMails(tx, accountId, id);
      await tx.mailbox.update({ where: { accountId }, data: { lastDigestAt: at, dueAt: null } });
    }
    return due.length;
  });
}

/** Adds the notices, leaks and operations that wait for an account to a digest. */
export async function addWaitingMails(tx: Transaction, accountId: string, digestId: string): Promise<void> {
  const waiting = { where: { accountId, digestId: null, failedAt: null }, data: { digestId } };
  await tx.noticeMail.updateMany(waiting);
  await tx.leakMail.updateMany(waiting);
  await tx.operationMail.updateMany(waiting);
}
