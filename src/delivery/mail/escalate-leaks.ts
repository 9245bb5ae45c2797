import type { Transaction } from '../../store/core.ts';

/** Leaks that an account could not be told of by mail go to others, when nobody is left who may still get them. */
export async function escalateLeaks(tx: Transaction, digestId: string, now: Date): Promise<void> {
  // Digests with the same leaks end one after the other: the last of them sees that nobody is left.
  await tx.$queryRaw`
    SELECT 1 FROM "Leak" WHERE "secretId" IN (SELECT "secretId" FROM "LeakMail" WHERE "digestId" = ${digestId})
    ORDER BY "secretId" FOR NO KEY UPDATE`;
  await tx.leakMail.updateMany({ where: { digestId }, data: { failedAt: now } });
  await tx.leak.updateMany({
    where: { mails: { some: { digestId }, every: { failedAt: { not: null } } } },
    data: { mailAt: now },
  });
}
