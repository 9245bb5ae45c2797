import { MINUTE_MS } from '../../domain/duration.ts';
import { addMs } from '../../domain/key.ts';
import { change } from '../../log/change.ts';
import type { Core } from '../../store/core.ts';

/** How many mails a node sends concurrently. */
const BATCH = 10;

/** How long a node's lease on a mail lasts: longer than sending a batch can take. */
const LEASE_MS = 5 * MINUTE_MS;

/** A mail to a subject that this node has leased and is to send now. */
export interface ClaimedSubjectMail {
  readonly id: string;
  readonly subjectId: string;
  readonly messageId: string;
  readonly createdAt: Date;
  /** How many attempts there are, with this one. */
  readonly attemptCount: number;
  /** The day (UTC, since 1970) on which it last counted towards the limit of an address. Null: it has not counted yet. */
  readonly countedDay: number | null;
  /** The digest of the address towards whose limit it counted. */
  readonly countedDigest: Uint8Array | null;
  /** The token of this node's lease. An attempt whose lease was lost changes nothing. */
  readonly lease: string;
}

/** Leases the mails to subjects that are due for an attempt, each for one node, also after another node's lease has expired. */
export function claimSubjectMails(core: Core): Promise<readonly ClaimedSubjectMail[]> {
  return change(core, async ({ tx, now }) => {
    const at = now();
    const due = await tx.$queryRaw<{ id: string }[]>`
      SELECT id FROM "SubjectMail" WHERE "tryAt" <= ${at} AND ("leasedUntil" IS NULL OR "leasedUntil" <= ${at})
      ORDER BY "tryAt", id LIMIT ${BATCH} FOR NO KEY UPDATE SKIP LOCKED`;
    if (due.length === 0) return [];
    const lease = Buffer.from(core.random(16)).toString('hex');
    const claimed = await tx.subjectMail.updateManyAndReturn({
      where: { id: { in: due.map(({ id }) => id) } },
      data: { lease, leasedUntil: addMs(at, LEASE_MS), attemptCount: { increment: 1 } },
    });
    return claimed.map((mail) => ({ ...mail, lease }));
  });
}
