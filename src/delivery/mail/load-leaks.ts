import type { LeakOutcome } from '../../../prisma/generated/client/client.ts';
import { findLastUses, type LastUses } from '../../keys/last-uses.ts';
import type { Core } from '../../store/core.ts';

/** A secret that was found in public, as a mail tells of it. Names are as people wrote them. */
export interface LeakedSecret {
  readonly keyId: string;
  readonly name: string;
  readonly ownerName: string;
  readonly realmName: string;
  /** Its first characters, by which people tell secrets apart. */
  readonly start: string;
  readonly reportedBy: string;
  readonly url: string | null;
  readonly reportedAt: Date;
  readonly outcome: LeakOutcome;
  /** Whether its key works again only when somebody renews it, too. */
  readonly hasExpired: boolean;
  readonly uses: LastUses;
}

/** Reads the leaks that a digest tells of, the earliest first. What became of the key since does not change what was found. */
export async function loadLeaks({ prisma }: Pick<Core, 'prisma'>, digestId: string): Promise<readonly LeakedSecret[]> {
  const named = { select: { name: true } };
  const key = { select: { id: true, name: true, expiredAt: true, account: named, organization: named, realm: named } };
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
    reportedBy,
    url,
    reportedAt,
    outcome,
    hasExpired: secret.key.expiredAt !== null,
    uses: uses.get(secretId) ?? [],
  }));
}
