import type { Transaction } from '../store/core.ts';

/**
 * Makes the leaks of an undeliverable digest due for other recipients, once no recipient is left who may still get
 * them.
 */
export async function escalateLeaks(tx: Transaction, digestId: string, now: Date): Promise<void> {
  // Digests with the same leaks finish in turn: the last one sees that no recipient is left.
  await tx.$queryRaw`
    SELECT 1 FROM "Leak" WHERE "secretId" IN (SELECT "secretId" FROM "LeakMail" WHERE "digestId" = ${digestId})
    ORDER BY "secretId" FOR NO KEY UPDATE`;
  await tx.leakMail.updateMany({ where: { digestId }, data: { failedAt: now } });
  await tx.leak.updateMany({
    where: { mails: { some: { digestId }, every: { failedAt: { not: null } } } },
    data: { mailAt: now },
  });
}
