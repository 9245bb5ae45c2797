import type { Notice } from '../../prisma/generated/client/client.ts';
import { explainStop } from '../keys/explain.ts';
import { explanationSelect } from '../keys/explained-key.ts';
import { ownerIdOf } from '../keys/key-row.ts';
import type { Core } from '../store/core.ts';
import type { ClaimedDigest } from './claim-digests.ts';
import { isOnRung } from './escalation.ts';
import type { IncludedMails } from './finish-digest.ts';
import { findSelfRenewingKeys } from './find-self-renewing-keys.ts';
import { loadChangedKeys, type ChangedKeys } from './load-changed-keys.ts';
import { loadLeaks, type LeakedSecret } from './load-leaks.ts';
import { isNoticeCurrent } from './is-notice-current.ts';

/** A key that stops, as a mail describes it. Names are unescaped, as people entered them. */
export interface StoppingKey {
  readonly id: string;
  readonly name: string;
  readonly ownerName: string;
  readonly realmName: string;
  /** The start of its current secret, and its labels by name: by these people recognise it. */
  readonly start: string;
  readonly labels: readonly { readonly name: string; readonly value: string }[];
  /** Null: it was never used. */
  readonly lastUsedAt: Date | null;
  readonly stopsAt: Date;
  readonly isExtendedByUse: boolean;
  /** Why it stops then, as a sentence. */
  readonly why: string;
  /** When its automation should have renewed it. Null: the key does not renew itself. */
  readonly automationDueAt: Date | null;
  /** When it is likely to be used next, if a notice says that it stops before then; null: none does. */
  readonly nextUse: { readonly from: Date; readonly to: Date } | null;
  /** Whether the recipient is on a higher rung than the owner. */
  readonly isEscalated: boolean;
}

/** What a mail is about. */
export interface DigestContents {
  /** The keys that still stop as their notice says, soonest first. */
  readonly keys: readonly StoppingKey[];
  readonly leaks: readonly LeakedSecret[];
  /** The operations that changed keys of the reader, the earliest first. */
  readonly operations: readonly ChangedKeys[];
}

/** The contents and the recipient of a digest. */
export interface LoadedDigest extends DigestContents {
  readonly email: string;
  /** False: the account is disabled, or has turned off notices by mail. */
  readonly isWanted: boolean;
  readonly included: IncludedMails;
}

const noticedKeyColumns = {
  ...explanationSelect,
  name: true,
  accountId: true,
  organizationId: true,
  subjectId: true,
  expiredAt: true,
  revokedAt: true,
  renewalDueAt: true,
  lastUsedAt: true,
  labels: { select: { name: true, value: true }, orderBy: { name: 'asc' } },
  secrets: { where: { retiresAt: null }, select: { start: true } },
  account: { select: { name: true } },
  organization: { select: { name: true } },
  subject: { select: { name: true, externalId: true } },
} as const;

const recipientColumns = {
  id: true,
  email: true,
  disabledAt: true,
  noticesByMail: true,
  isAdministrator: true,
  memberships: { select: { organizationId: true, role: true } },
} as const;

/**
 * Loads the current contents of a digest: its leaks, its operations, and each key once whose owner and stop are still those of the
 * notice. In all of them, keys of owners to whom the recipient no longer belongs are left out.
 */
export async function loadDigest({ prisma, clock }: Core, { id, accountId }: ClaimedDigest): Promise<LoadedDigest> {
  const account = await prisma.account.findUniqueOrThrow({ where: { id: accountId }, select: recipientColumns });
  const leaks = await loadLeaks({ prisma }, id, account);
  const operations = await loadChangedKeys({ prisma }, id, account);
  const mails = await prisma.noticeMail.findMany({
    where: { digestId: id },
    include: { notice: { include: { key: { select: noticedKeyColumns } } } },
    orderBy: [{ stopsAt: 'asc' }, { keyId: 'asc' }, { thresholdMs: 'asc' }],
  });
  const now = clock.now();
  const current = mails.filter(
    ({ notice: { key }, ownerId, stopsAt }) =>
      ownerIdOf(key) === ownerId && isOnRung(account, ownerId) && isNoticeCurrent(key, { stopsAt }, now),
  );
  const selfRenewing = await findSelfRenewingKeys(
    prisma,
    current.map(({ keyId }) => keyId),
  );
  const keys = new Map<string, StoppingKey>();
  for (const { keyId, stopsAt, rung, notice } of current) {
    const { key } = notice;
    keys.set(keyId, {
      id: keyId,
      name: key.name,
      ownerName: key.account?.name ?? key.organization?.name ?? key.subject?.name ?? key.subject?.externalId ?? '',
      realmName: key.realm.name,
      start: key.secrets[0]?.start ?? '',
      labels: key.labels,
      lastUsedAt: key.lastUsedAt,
      stopsAt,
      isExtendedByUse: key.stopsBasis === 'BY_USE',
      why: explainStop(key),
      automationDueAt: selfRenewing.has(keyId) ? key.renewalDueAt : null,
      nextUse: nextUseOf(notice) ?? keys.get(keyId)?.nextUse ?? null,
      isEscalated: rung > 0,
    });
  }
  const included = {
    notices: current.map(({ keyId, stopsAt, thresholdMs }) => ({ keyId, stopsAt, thresholdMs })),
    secretIds: leaks.map(({ secretId }) => secretId),
  };
  return {
    email: account.email,
    isWanted: account.disabledAt === null && account.noticesByMail,
    keys: [...keys.values()],
    leaks,
    operations,
    included,
  };
}

function nextUseOf({ nextUseFrom, nextUseTo }: Pick<Notice, 'nextUseFrom' | 'nextUseTo'>): StoppingKey['nextUse'] {
  return nextUseFrom === null || nextUseTo === null ? null : { from: nextUseFrom, to: nextUseTo };
}
