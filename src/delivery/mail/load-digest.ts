import type { NoticeId } from '../../keys/mark-notices-delivered.ts';
import { explanationSelect, explainStop } from '../../keys/explain.ts';
import { ownerIdOf } from '../../keys/key-row.ts';
import type { Core } from '../../store/core.ts';
import type { ClaimedDigest } from './claim-digests.ts';
import { findSelfRenewingKeys } from './find-self-renewing-keys.ts';
import { loadLeaks, type LeakedSecret } from './load-leaks.ts';
import { isNoticeCurrent } from './is-notice-current.ts';

/** A key that stops, as a mail tells of it. Names are as people wrote them. */
export interface StoppingKey {
  readonly id: string;
  readonly name: string;
  readonly ownerName: string;
  readonly realmName: string;
  readonly stopsAt: Date;
  readonly isExtendedByUse: boolean;
  /** Why it stops then, in one sentence. */
  readonly why: string;
  /** When its own automation was to renew it, where it did before and is late now. */
  readonly automationDueAt: Date | null;
  /** Whether it is told to somebody beside the owner. */
  readonly isEscalated: boolean;
}

/** What a mail tells. */
export interface DigestContents {
  /** What is still true, soonest first. */
  readonly keys: readonly StoppingKey[];
  readonly leaks: readonly LeakedSecret[];
}

/** What a digest tells, and whom. */
export interface LoadedDigest extends DigestContents {
  readonly email: string;
  /** False: that account is closed, or wants no notices by mail any more. */
  readonly isWanted: boolean;
  /** The notices that it gives. */
  readonly included: readonly NoticeId[];
}

const noticedKeyColumns = {
  ...explanationSelect,
  name: true,
  accountId: true,
  organizationId: true,
  expiredAt: true,
  revokedAt: true,
  renewalDueAt: true,
  account: { select: { name: true } },
  organization: { select: { name: true } },
} as const;

/** Reads what a digest is to tell now: leaks, and each key once, of those whose stop is still what was noticed. */
export async function loadDigest({ prisma, clock }: Core, { id, accountId }: ClaimedDigest): Promise<LoadedDigest> {
  const leaks = await loadLeaks({ prisma }, id);
  const { email, disabledAt, noticesByMail } = await prisma.account.findUniqueOrThrow({ where: { id: accountId } });
  const mails = await prisma.noticeMail.findMany({
    where: { digestId: id },
    include: { notice: { include: { key: { select: noticedKeyColumns } } } },
    orderBy: [{ stopsAt: 'asc' }, { keyId: 'asc' }, { thresholdMs: 'asc' }],
  });
  const now = clock.now();
  const told = mails.filter(
    ({ notice: { key }, ownerId, stopsAt }) => ownerIdOf(key) === ownerId && isNoticeCurrent(key, { stopsAt }, now),
  );
  const renewing = await findSelfRenewingKeys(
    prisma,
    told.map(({ keyId }) => keyId),
  );
  const keys = new Map<string, StoppingKey>();
  for (const { keyId, stopsAt, rung, notice } of told) {
    const { key } = notice;
    keys.set(keyId, {
      id: keyId,
      name: key.name,
      ownerName: key.account?.name ?? key.organization?.name ?? '',
      realmName: key.realm.name,
      stopsAt,
      isExtendedByUse: key.stopsBasis === 'BY_USE',
      why: explainStop(key),
      automationDueAt: renewing.has(keyId) ? key.renewalDueAt : null,
      isEscalated: rung > 0,
    });
  }
  const included = told.map(({ keyId, stopsAt, thresholdMs }) => ({ keyId, stopsAt, thresholdMs }));
  return { email, isWanted: disabledAt === null && noticesByMail, keys: [...keys.values()], leaks, included };
}
