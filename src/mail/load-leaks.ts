import type { LeakOutcome } from '../../prisma/generated/client/client.ts';
import { findLastUses, type LastUses } from '../keys/last-uses.ts';
import type { Core } from '../store/core.ts';

/** A leaked secret, as a mail describes it. Names are unescaped, as people entered them. */
export interface LeakedSecret {
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

/**
 * Loads the leaks of a digest, the earliest report first. A leak stays in the mail whatever has happened to its key
 * since.
 */
export async function loadLeaks({ prisma }: Pick<Core, 'prisma'>, digestId: string): Promise<readonly LeakedSecret[]> {
  const named = { select: { name: true } };
  const labels = { select: { name: true, value: true }, orderBy: { name: 'asc' } } as const;
  const key = {
    select: { id: true, name: true, expiredAt: true, labels, account: named, organization: named, realm: named },
  };
  const mails = await prisma.leakMail.findMany({
    where: { digestId },
    include: { leak: { include: { secret: { select: { start: true, key } } } } },
    orderBy: [{ leak: { reportedAt: 'asc' } }, { secretId: 'asc' }],
  });
  const uses = await findLastUses(
    prisma,
    mails.map(({ secretId }) => secretId),
  );
  return mails.map(({ secretId, leak: { secret, reportedBy, url, reportedAt, outcome } }) => ({
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
