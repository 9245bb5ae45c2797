import type { Prisma } from '../../prisma/generated/client/client.ts';
import type { AccountCaller, Role } from '../domain/caller.ts';
import { DAY_MS } from '../domain/duration.ts';
import { actorOf } from '../domain/event.ts';
import { newId } from '../domain/id.ts';
import { addMs, hasCome } from '../domain/key.ts';
import type { Change } from '../log/change.ts';
import { mayInvite, toCaller } from './invite.ts';

/** Lifetime of an invitation to an organization. */
const MEMBERSHIP_INVITATION_MS = 7 * DAY_MS;

interface InvitedMember {
  readonly organizationId: string;
  readonly accountId: string;
}

/** Returns a filter for the open invitations to organizations. */
export function openInvitations(now: Date): Prisma.MembershipInvitationWhereInput {
  return { expiresAt: { gt: now } };
}

/**
 * Returns the role that an account is invited to have in an organization; null: it is not invited, or its inviter could
 * no longer invite it.
 */
export async function findInvitedRole({ tx, now }: Change, invited: InvitedMember): Promise<Role | null> {
  const found = await tx.membershipInvitation.findUnique({
    where: { organizationId_accountId: { ...invited } },
    include: { invitedBy: { include: { memberships: true } } },
  });
  if (found === null || hasCome(found.expiresAt, now())) return null;
  const { invitedBy, role, organizationId } = found;
  const isAllowed = mayInvite(toCaller(invitedBy), { isAdministrator: false, organizationId, role });
  return isAllowed && invitedBy.disabledAt === null ? role : null;
}

/** Invites an account to an organization, or changes the role of the invitation. Does not check that the account exists. */
export async function inviteMember(
  { core, tx, record, now }: Change,
  caller: AccountCaller,
  { organizationId, accountId }: InvitedMember,
  role: Role,
): Promise<void> {
  const at = now();
  const invited = { id: newId('invitation', at, core.random), role, invitedById: caller.id, createdAt: at };
  const row = { ...invited, expiresAt: addMs(at, MEMBERSHIP_INVITATION_MS) };
  await tx.membershipInvitation.upsert({
    where: { organizationId_accountId: { organizationId, accountId } },
    create: { ...row, organizationId, accountId },
    update: row,
  });
  const data = { invitationId: row.id, role };
  record({ type: 'ACCOUNT_INVITED', at, ownerId: organizationId, actor: actorOf(caller), data });
}

/** Deletes the invitation of an account to an organization, if there is one. */
export async function deleteInvitation({ tx }: Change, { organizationId, accountId }: InvitedMember): Promise<void> {
  await tx.membershipInvitation.deleteMany({ where: { organizationId, accountId } });
}
