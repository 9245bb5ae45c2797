import { DAY_MS } from '../../domain/duration.ts';
import { addMs } from '../../domain/key.ts';
import { change } from '../../log/change.ts';
import type { Core, Transaction } from '../../store/core.ts';
import { scheduleDigests } from './schedule-digests.ts';
import { loadEscalationRungs } from './escalation.ts';

/** How many leaks one transaction sees to. */
const BATCH = 200;

/** When nobody is left whom a leak could be told, all are tried again after so long. */
const RETRY_MS = DAY_MS;

/** What was seen to. */
export interface LeakAssignment {
  readonly count: number;
  /** The keys of those that nobody is left for: it is begun anew in a day, until somebody could be told. */
  readonly unreachableKeyIds: readonly string[];
}

/**
 * Sees to whom leaks are told: the nearest rung of the owner whose key it was on which somebody is left who could still be
 * reached. Each leak is seen to by one node.
 */
export function assignLeakRecipients(core: Core): Promise<LeakAssignment> {
  return change(core, async ({ tx, now }) => {
    const due = await tx.$queryRaw<{ secretId: string; ownerId: string; keyId: string }[]>`
      UPDATE "Leak" l SET "mailAt" = NULL FROM "Secret" s WHERE s.id = l."secretId" AND l."secretId" IN (
        SELECT "secretId" FROM "Leak" WHERE "mailAt" <= ${now()} ORDER BY "mailAt" LIMIT ${BATCH}
        FOR NO KEY UPDATE SKIP LOCKED)
      RETURNING l."secretId", l."ownerId", s."keyId"`;
    if (due.length === 0) return { count: 0, unreachableKeyIds: [] };
    const addedAt = now();
    const rungs = await loadEscalationRungs(
      tx,
      due.map(({ ownerId }) => ownerId),
    );
    const told = await tx.leakMail.findMany({ where: { secretId: { in: due.map(({ secretId }) => secretId) } } });
    const added = due.flatMap(({ secretId, ownerId }) => {
      const tried = new Set(told.filter((mail) => mail.secretId === secretId).map(({ accountId }) => accountId));
      const left = (rungs.get(ownerId) ?? []).map((rung) => rung.filter((accountId) => !tried.has(accountId)));
      const nearest = left.find((rung) => rung.length > 0) ?? [];
      return nearest.map((accountId) => ({ secretId, accountId, addedAt }));
    });
    await tx.leakMail.createMany({ data: added, skipDuplicates: true });
    const accountIds = added.map(({ accountId }) => accountId);
    await expediteDigests(tx, accountIds, addedAt);
    await scheduleDigests(tx, accountIds);
    const addressed = new Set(added.map(({ secretId }) => secretId));
    const untold = due.filter(({ secretId }) => !addressed.has(secretId));
    const secretId = { in: untold.map((leak) => leak.secretId) };
    await tx.leakMail.deleteMany({ where: { secretId } });
    await tx.leak.updateMany({ where: { secretId }, data: { mailAt: addMs(addedAt, RETRY_MS) } });
    return { count: due.length, unreachableKeyIds: untold.map(({ keyId }) => keyId) };
  });
}

/** A digest that waits to be tried again is tried now, and takes the leak along; one that is being sent is looked at when that is over. */
async function expediteDigests(tx: Transaction, accountIds: readonly string[], now: Date): Promise<void> {
  await tx.$queryRaw`
    SELECT 1 FROM "Digest" WHERE "accountId" = ANY(${[...accountIds]}) AND "tryAt" IS NOT NULL ORDER BY id FOR UPDATE`;
  await tx.digest.updateMany({
    where: { accountId: { in: [...accountIds] }, lease: null, tryAt: { gt: now } },
    data: { tryAt: now },
  });
}
