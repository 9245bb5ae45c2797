import type { NoticeChannel } from '../../keys/notice-channel.ts';
import type { Transaction } from '../../store/core.ts';

/** How many rungs there are: the owner, its co-owners, the administrators. */
export const RUNG_COUNT = 3;

/** Those whom notices of an owner's keys concern and mail reaches, by id: the nearest first. */
export type EscalationRungs = readonly [
  owners: readonly string[],
  coOwners: readonly string[],
  administrators: readonly string[],
];

/**
 * Whom the notices of some owners' keys go to: an account itself, an organization's OWNERs; then its ADMINs; then the
 * administrators of the realm. Whose account is closed, or who wants no notices by mail, is on no rung.
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
  const administrators = accounts.filter(({ isAdministrator }) => isAdministrator).map(({ id }) => id);
  return new Map(
    owners.map((ownerId): [string, EscalationRungs] => {
      const withRole = (wanted: 'OWNER' | 'ADMIN') =>
        accounts
          .filter(({ memberships }) =>
            memberships.some(({ organizationId, role }) => organizationId === ownerId && role === wanted),
          )
          .map(({ id }) => id);
      const itself = accounts.filter(({ id }) => id === ownerId).map(({ id }) => id);
      return [ownerId, [[...itself, ...withRole('OWNER')], withRole('ADMIN'), administrators]];
    }),
  );
}

/** Mail as a way for notices: it owes them where somebody is on a rung. */
export const mailChannel: NoticeChannel = {
  kind: 'MAIL',
  async findReachable(tx, keys) {
    const rungs = await loadEscalationRungs(
      tx,
      keys.map(({ ownerId }) => ownerId),
    );
    const isReached = (ownerId: string) => rungs.get(ownerId)?.some((rung) => rung.length > 0) ?? false;
    return new Set(keys.filter(({ ownerId }) => isReached(ownerId)).map(({ id }) => id));
  },
};
