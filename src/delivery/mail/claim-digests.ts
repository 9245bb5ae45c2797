import { MINUTE_MS } from '../../domain/duration.ts';
import { addMs } from '../../domain/key.ts';
import { change } from '../../log/change.ts';
import type { Core } from '../../store/core.ts';
import { scheduleDigests } from './schedule-digests.ts';

/** How many digests a node sends at once. */
const BATCH = 10;

/** For how long a digest is a node's alone: longer than sending a batch can take. */
const LEASE_MS = 5 * MINUTE_MS;

/** A digest that this node is to send now. */
export interface ClaimedDigest {
  readonly id: string;
  readonly accountId: string;
  readonly messageId: string;
  readonly createdAt: Date;
  /** How many tries this one makes it. */
  readonly attemptCount: number;
  /** What it is claimed under: what is done without it changes nothing. */
  readonly lease: string;
}

/**
 * Takes the digests that are to be tried now, each for one node; those of a node that has not come back too. What has been
 * gathered meanwhile goes with a digest of which it is known that nobody has it yet.
 */
export function claimDigests(core: Core): Promise<readonly ClaimedDigest[]> {
  return change(core, async ({ tx, now }) => {
    const at = now();
    const due = await tx.$queryRaw<{ id: string; accountId: string; lease: string | null }[]>`
      SELECT id, "accountId", lease FROM "Digest"
      WHERE "tryAt" <= ${at} AND ("leasedUntil" IS NULL OR "leasedUntil" <= ${at})
      ORDER BY "tryAt", id LIMIT ${BATCH} FOR UPDATE SKIP LOCKED`;
    const lease = Buffer.from(core.random(16)).toString('hex');
    const ids = due.map(({ id }) => id);
    if (ids.length === 0) return [];
    await tx.digest.updateMany({
      where: { id: { in: ids } },
      data: { lease, leasedUntil: addMs(at, LEASE_MS), attemptCount: { increment: 1 } },
    });
    const open = due.filter((digest) => digest.lease === null);
    for (const { id, accountId } of open) {
      const waiting = { where: { accountId, digestId: null, failedAt: null }, data: { digestId: id } };
      await tx.noticeMail.updateMany(waiting);
      await tx.leakMail.updateMany(waiting);
    }
    await scheduleDigests(
      tx,
      open.map(({ accountId }) => accountId),
    );
    const claimed = await tx.digest.findMany({ where: { id: { in: ids } }, orderBy: { id: 'asc' } });
    return claimed.map((digest) => ({ ...digest, lease }));
  });
}
