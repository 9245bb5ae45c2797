import type { Caller, Role } from '../domain/caller.ts';
import { actorOf } from '../domain/event.ts';
import { fail } from '../domain/failure.ts';
import { kindOf } from '../domain/id.ts';
import { describeWhoMay, may } from '../domain/permission.ts';
import { forbidden } from '../domain/request-error.ts';
import type { Change } from '../log/change.ts';
import { useCase } from '../log/use-case.ts';
import { wakeKeysOf } from '../policies/wake-keys.ts';
import { recheckAccount } from './account-caller.ts';
import { hasOwner } from './has-owner.ts';
import { deleteInvitation, findInvitedRole, inviteMember } from './membership-invitations.ts';

export interface SetMemberInput {
  readonly organizationId: string;
  readonly accountId: string;
  /** Null: removes the member, or withdraws or declines its invitation. */
  readonly role: Role | null;
}

type MemberChange = {
  readonly organizationId: string;
  readonly accountId: string;
  readonly role: string | null;
  /** Whether the account is invited, and not yet a member. */
  readonly isInvited: boolean;
};

interface MemberTarget {
  readonly currentRole: Role | null;
  /** Whether the caller accepts or declines its own invitation. */
  readonly isInvitee: boolean;
  /** Whether the caller adds an account at once, and does not invite it. */
  readonly addsAtOnce: boolean;
}

/**
 * Changes the role of a member, removes it, or invites an account. An account becomes a member by its own request:
 * setMember for itself, with the role of the invitation. Only an administrator adds an account at once. The response to
 * an invitation does not tell whether the account exists. The last OWNER cannot be removed or demoted. Any member may
 * leave.
 */
export const setMember = useCase<SetMemberInput, MemberTarget, MemberChange>()({
  name: 'setMember',

  async authorize(change, authenticated, { organizationId, accountId, role }) {
    const { tx } = change;
    const target = { ownerId: organizationId };
    // FOR NO KEY UPDATE: a key that is written with its events checks a foreign key, and must not wait for this change.
    const found = await tx.$queryRaw<unknown[]>`
      SELECT 1 FROM "Organization" WHERE id = ${organizationId} FOR NO KEY UPDATE`;
    const caller = await recheckAccount(tx, authenticated);
    const isSelf = caller.kind === 'ACCOUNT' && caller.id === accountId;
    const isVisible = found.length > 0 && may(caller, 'organization.read', target);
    const invitedRole = isSelf && !isVisible ? await findInvitedRole(change, { organizationId, accountId }) : null;
    if (!isVisible && invitedRole === null) {
      return fail('OrganizationNotFound', 'No organization that you can see has this id.', {
        path: ['input', 'organizationId'],
      });
    }
    if (invitedRole !== null) {
      if (role !== null && role !== invitedRole) throw forbidden(`You are invited with the role ${invitedRole}.`);
      return { currentRole: null, isInvitee: true, addsAtOnce: false };
    }
    const membership = await tx.membership.findUnique({
      where: { organizationId_accountId: { organizationId, accountId } },
    });
    const currentRole = membership?.role ?? null;
    const requiredPermission =
      role === 'OWNER' || currentRole === 'OWNER' ? 'organization.grantOwner' : 'organization.manage';
    const isLeaving = role === null && isSelf;
    if (!isLeaving && !may(caller, requiredPermission, target)) {
      throw forbidden(`You may not change this member. Ask ${describeWhoMay(requiredPermission)}.`);
    }
    return { currentRole, isInvitee: false, addsAtOnce: mayAddAtOnce(caller) };
  },

  async run(change, caller, input, { currentRole, isInvitee, addsAtOnce }) {
    const { tx, record, now } = change;
    const { organizationId, accountId, role } = input;
    const result = { organizationId, accountId, role, isInvited: false };
    if (kindOf(accountId) !== 'account') return accountNotFound();
    if (currentRole === null && role === null) {
      await deleteInvitation(change, input);
      return result;
    }
    if (currentRole === role) return result;
    if (currentRole === null && role !== null && !isInvitee && !addsAtOnce) {
      if (caller.kind !== 'ACCOUNT') throw forbidden('Only accounts can invite accounts.');
      await inviteMember(change, caller, input, role);
      return { ...result, isInvited: true };
    }
    const account = await tx.account.findUnique({ where: { id: accountId } });
    if (account === null || (account.disabledAt !== null && role !== null)) return accountNotFound();
    const id = { organizationId_accountId: { organizationId, accountId } };
    if (currentRole === 'OWNER' && (await isLastOwner(change, input))) {
      return fail('LastOwner', 'The organization has no other OWNER with an open account.', {
        path: ['input', 'role'],
      });
    }
    const at = now();
    if (role === null) await tx.membership.delete({ where: id });
    else {
      await tx.membership.upsert({
        where: id,
        create: { organizationId, accountId, role, createdAt: at },
        update: { role },
      });
    }
    if (currentRole === null) await deleteInvitation(change, input);
    await wakeKeysOf(change, organizationId, at, { onlyDormant: false });
    const data = {
      accountId,
      from: currentRole,
      to: role,
      hasOwner: await hasOwner(tx, organizationId),
      before: { role: currentRole },
      after: { role },
    };
    record({ type: 'ORGANIZATION_MEMBER_CHANGED', at, ownerId: organizationId, actor: actorOf(caller), data });
    return result;
  },
});

function accountNotFound() {
  return fail('AccountNotFound', 'No open account has this id.', { path: ['input', 'accountId'] });
}

/** An administrator manages all accounts, and sees which exist. */
function mayAddAtOnce(caller: Caller): boolean {
  return caller.kind === 'ACCOUNT' && caller.isAdministrator;
}

/** A disabled OWNER cannot manage the organization. */
async function isLastOwner({ tx }: Change, { organizationId, accountId }: SetMemberInput): Promise<boolean> {
  const others = {
    organizationId,
    role: 'OWNER',
    accountId: { not: accountId },
    account: { disabledAt: null },
  } as const;
  return (await tx.membership.count({ where: others })) === 0;
}
