import type { LeakOutcome } from '../../prisma/generated/client/client.ts';
import { ownerIdOf } from '../keys/key-row.ts';
import { findLastUses, type LastUses } from '../keys/last-uses.ts';
import type { Core } from '../store/core.ts';
import { isOnRung, type RungAccount } from './escalation.ts';

/** A leaked secret, as a mail describes it. Names are unescaped, as people entered them. */
export interface LeakedSecret {
  readonly secretId: string;
  readonly keyId: string;
  readonly name: string;
  readonly ownerName: string;
  readonly realmName: string;
  /** Its prefix and first characters, by which people recognise it. */
  readonly start: string;
  /** The labels of its key, by name. */
  readonly labels: readonly { readonly name: string; readonly value: string }[];
  readonly reportedBy: string;
  readonly url: string | null;
  readonly reportedAt: Date;
  readonly outcome: LeakOutcome;
  /** Whether its key has expired, so that it also has to be renewed before it works again. */
  readonly hasExpired: boolean;
  readonly uses: LastUses;
}

const named = { select: { name: true } } as const;

const leakedKeyColumns = {
  id: true,
  name: true,
  expiredAt: true,
  accountId: true,
  organizationId: true,
  subjectId: true,
  labels: { select: { name: true, value: true }, orderBy: { name: 'asc' } },
  account: named,
  organization: named,
  realm: named,
} as const;

/**
 * Loads the leaks of a digest, the earliest report first. A leak stays in the mail whether its key has ended or not. It is left
 * out if the recipient no longer belongs to the key's owner: that account has left the organization, or the key was transferred.
 */
export async function loadLeaks(
  { prisma }: Pick<Core, 'prisma'>,
  digestId: string,
  recipient: RungAccount,
): Promise<readonly LeakedSecret[]> {
  const queued = await prisma.leakMail.findMany({
    where: { digestId },
    include: { leak: { include: { secret: { select: { start: true, key: { select: leakedKeyColumns } } } } } },
    orderBy: [{ leak: { reportedAt: 'asc' } }, { secretId: 'asc' }],
  });
  const mails = queued.filter(({ leak: { secret } }) => isOnRung(recipient, ownerIdOf(secret.key)));
  const uses = await findLastUses(
    prisma,
    mails.map(({ secretId }) => secretId),
  );
  return mails.map(({ secretId, leak: { secret, reportedBy, url, reportedAt, outcome } }) => ({
    secretId,
    keyId: secret.key.id,
    name: secret.key.name,
    ownerName: secret.key.account?.name ?? secret.key.organization?.name ?? '',
    realmName: secret.key.realm.name,
    start: secret.start,
    labels: secret.key.labels,
    reportedBy,
    url,
    reportedAt,
    outcome,
    hasExpired: secret.key.expiredAt !== null,
    uses: uses.get(secretId) ?? [],
  }));
}
