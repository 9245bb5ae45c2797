import { MINUTE_MS } from '../domain/duration.ts';
import { addMs } from '../domain/key.ts';
import { change } from '../log/change.ts';
import type { Core } from '../store/core.ts';
import { addWaitingMails } from './create-digests.ts';
import { scheduleDigests } from './schedule-digests.ts';

/** How many digests a node sends concurrently. */
const BATCH = 10;

/** How long a node's lease on a digest lasts: longer than sending a batch can take. */
const LEASE_MS = 5 * MINUTE_MS;

/** A digest that this node has leased and is to send now. */
export interface ClaimedDigest {
  readonly id: string;
  readonly accountId: string;
  readonly messageId: string;
  readonly createdAt: Date;
  /** How many attempts there are, with this one. */
  readonly attemptCount: number;
  /** The token of this node's lease. An attempt whose lease was lost changes nothing. */
  readonly lease: string;
}

/**
 * Leases the digests that are due for an attempt, each for one node, including those whose lease has expired because
 * their node died. Notices and leaks that arrived since are added to a digest, unless its lease has expired: such a
 * digest may have been accepted already.
 */
export function claimDigests(core: Core): Promise<readonly ClaimedDigest[]> {
  return change(core, async ({ tx, now }) => {
    const at = now();
    const due = await tx.$queryRaw<{ id: string; accountId: string; lease: string | null }[]>`
      SELECT id, "accountId", lease FROM "Digest"
      WHERE "tryAt" <= ${at} AND ("leasedUntil" IS NULL OR "leasedUntil" <= ${at})
      ORDER BY "tryAt", id LIMIT ${BATCH} FOR NO KEY UPDATE SKIP LOCKED`;
    const lease = Buffer.from(core.random(16)).toString('hex');
    const ids = due.map(({ id }) => id);
    if (ids.length === 0) return [];
    await tx.digest.updateMany({
      where: { id: { in: ids } },
      data: { lease, leasedUntil: addMs(at, LEASE_MS), attemptCount: { increment: 1 } },
    });
    const extendable = due.filter((digest) => digest.lease === null);
    for (const { id, accountId } of extendable) await addWaitingMails(tx, accountId, id);
    await scheduleDigests(
      tx,
      extendable.map(({ accountId }) => accountId),
    );
    const claimed = await tx.digest.findMany({ where: { id: { in: ids } }, orderBy: { id: 'asc' } });
    return claimed.map((digest) => ({ ...digest, lease }));
  });
}
