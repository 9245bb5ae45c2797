import type { Role } from '../domain/caller.ts';
import { actorOf } from '../domain/event.ts';
import { fail } from '../domain/failure.ts';
import { may } from '../domain/permission.ts';
import { forbidden } from '../domain/request-error.ts';
import { useCase } from '../log/use-case.ts';
import { wakeKeysOf } from '../policies/wake-keys.ts';
import { hasOwner } from './has-owner.ts';

export interface SetMemberInput {
  readonly organizationId: string;
  readonly accountId: string;
  /** Null: removes the member. */
  readonly role: Role | null;
}

type SetMemberResult = { readonly organizationId: string; readonly accountId: string; readonly role: string | null };

/**
 * Adds a member, changes its role, or removes it. The last OWNER cannot be removed or demoted. Any member may leave.
 */
export const setMember = useCase<SetMemberInput, { readonly currentRole: Role | null }, SetMemberResult>()({
  name: 'setMember',

  async authorize({ tx }, caller, { organizationId, accountId, role }) {
    const target = { ownerId: organizationId };
    const found = await tx.$queryRaw<unknown[]>`SELECT 1 FROM "Organization" WHERE id = ${organizationId} FOR UPDATE`;
    if (found.length === 0 || !may(caller, 'organization.read', target)) {
      return fail('OrganizationNotFound', 'No organization that you can see has this id.', {
        path: ['input', 'organizationId'],
      });
    }
    const membership = await tx.membership.findUnique({
      where: { organizationId_accountId: { organizationId, accountId } },
    });
    const currentRole = membership?.role ?? null;
    const isLeaving = role === null && caller.kind === 'ACCOUNT' && caller.id === accountId;
    const requiredPermission =
      role === 'OWNER' || currentRole === 'OWNER' ? 'organization.grantOwner' : 'organization.manage';
    if (!isLeaving && !may(caller, requiredPermission, target)) throw forbidden('You may not change this member.');
    return { currentRole };
  },

  async run(change, caller, { organizationId, accountId, role }, { currentRole }) {
    const { tx, record, now } = change;
    const result = { organizationId, accountId, role };
    const account = await tx.account.findUnique({ where: { id: accountId } });
    if (account !== null && currentRole === role) return result;
    if (account === null || (account.disabledAt !== null && role !== null)) {
      return fail('AccountNotFound', 'No open account has this id.', { path: ['input', 'accountId'] });
    }
    const id = { organizationId_accountId: { organizationId, accountId } };
    if (currentRole === 'OWNER') {
      // A disabled OWNER cannot manage the organization.
      const others = await tx.membership.count({
        where: { organizationId, role: 'OWNER', accountId: { not: accountId }, account: { disabledAt: null } },
      });
      if (others === 0) return fail('LastOwner', 'The organization has no other OWNER.', { path: ['input', 'role'] });
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
