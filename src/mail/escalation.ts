import type { Role } from '../domain/caller.ts';
import { isSubjectId } from '../domain/subject.ts';
import type { NoticeChannel } from '../keys/notice-channel.ts';
import type { Transaction } from '../store/core.ts';
import { findMailableSubjects } from './subjects/find-mailable-subjects.ts';

/** The number of rungs: owners, admins of the organization, administrators of Keytide. */
export const RUNG_COUNT = 3;

/**
 * The account ids that notices of an owner's keys escalate to, lowest rung first. Every account can be reached by mail.
 */
export type EscalationRungs = readonly [
  owners: readonly string[],
  coOwners: readonly string[],
  administrators: readonly string[],
];

/** An account, as far as it follows from it on which rungs of an owner it is. */
export interface RungAccount {
  readonly id: string;
  readonly isAdministrator: boolean;
  readonly memberships: readonly { readonly organizationId: string; readonly role: Role }[];
}

const hasRole = ({ memberships }: RungAccount, ownerId: string, wanted: Role) =>
  memberships.some(({ organizationId, role }) => organizationId === ownerId && role === wanted);

function isOwner(account: RungAccount, ownerId: string): boolean {
  return account.id === ownerId || hasRole(account, ownerId, 'OWNER');
}

function isCoOwner(account: RungAccount, ownerId: string): boolean {
  return hasRole(account, ownerId, 'ADMIN');
}

/** Returns whether an account is on the first or second rung of an owner: mails about operations go no higher. */
export function isOnOwnRung(account: RungAccount, ownerId: string): boolean {
  return isOwner(account, ownerId) || isCoOwner(account, ownerId);
}

/** Returns whether an account is on any rung of an owner. */
export function isOnRung(account: RungAccount, ownerId: string): boolean {
  return isOnOwnRung(account, ownerId) || account.isAdministrator;
}

/**
 * Loads the escalation rungs for the keys of some owners, by owner id: first the account itself or the organization's
 * OWNERs, then its ADMINs, then the administrators. Disabled accounts, and accounts that have turned off notices by
 * mail, are on no rung.
 */
export async function loadEscalationRungs(
  tx: Transaction,
  ownerIds: readonly string[],
): Promise<ReadonlyMap<string, EscalationRungs>> {
  const owners = [...new Set(ownerIds)];
  const accounts = await tx.account.findMany({
    where: {
      disabledAt: null,
      noticesByMail: true,
      OR: [
        { isAdministrator: true },
        { id: { in: owners } },
        { memberships: { some: { organizationId: { in: owners }, role: { in: ['OWNER', 'ADMIN'] } } } },
      ],
    },
    select: {
      id: true,
      isAdministrator: true,
      memberships: { where: { organizationId: { in: owners } }, select: { organizationId: true, role: true } },
    },
    orderBy: { id: 'asc' },
  });
  const idsOf = (isOnIt: (account: RungAccount) => boolean) => accounts.filter(isOnIt).map(({ id }) => id);
  const administrators = idsOf(({ isAdministrator }) => isAdministrator);
  return new Map(
    owners.map((ownerId): [string, EscalationRungs] => [
      ownerId,
      [idsOf((account) => isOwner(account, ownerId)), idsOf((account) => isCoOwner(account, ownerId)), administrators],
    ]),
  );
}

/**
 * Loads the escalation rungs for notices, by owner id. A subject has none: its keys are many, and neither an account nor an
 * administrator could renew them. It is mailed itself, or the webhooks of its realm deliver its notices. Leaks of its keys still
 * go to administrators.
 */
export function loadNoticeRungs(
  tx: Transaction,
  ownerIds: readonly string[],
): Promise<ReadonlyMap<string, EscalationRungs>> {
  return loadEscalationRungs(
    tx,
    ownerIds.filter((id) => !isSubjectId(id)),
  );
}

/** The notice channel of mail: a notice is owed if any account is on a rung of the key's owner, or its subject can be mailed. */
export const mailChannel: NoticeChannel = {
  kind: 'MAIL',
  async findReachable(tx, keys) {
    const rungs = await loadNoticeRungs(
      tx,
      keys.map(({ ownerId }) => ownerId),
    );
    const mailable = await findMailableSubjects(
      tx,
      keys.map(({ ownerId }) => ownerId),
    );
    const isReached = (ownerId: string) =>
      mailable.has(ownerId) || (rungs.get(ownerId)?.some((rung) => rung.length > 0) ?? false);
    return new Set(keys.filter(({ ownerId }) => isReached(ownerId)).map(({ id }) => id));
  },
};

/**
 * Makes the leaks of an undeliverable digest due for other recipients, once no recipient is left who may still get
 * them.
 */
export async function escalateLeaks(tx: Transaction, digestId: string, now: Date): Promise<void> {
  await lockLeaks(tx, digestId);
  await tx.leakMail.updateMany({ where: { digestId }, data: { failedAt: now } });
  await tx.leak.updateMany({
    where: { mails: { some: { digestId }, every: { failedAt: { not: null } } } },
    data: { mailAt: now },
  });
}

/** Locks the leaks of a digest: digests with the same leaks finish in turn, and the last one sees that no recipient is left. */
export async function lockLeaks(tx: Transaction, digestId: string): Promise<void> {
  await tx.$queryRaw`
    SELECT 1 FROM "Leak" WHERE "secretId" IN (SELECT "secretId" FROM "LeakMail" WHERE "digestId" = ${digestId})
    ORDER BY "secretId" FOR NO KEY UPDATE`;
}
