import { visibleAccounts, visibleOrganizations } from '../../accounts/visible-accounts.ts';
import { may } from '../../domain/permission.ts';
import { builder } from '../builder.ts';
import { RoleEnum } from '../enums.ts';
import { OwnerRef } from '../owner.ts';

export const MembershipRef = builder.prismaObject('Membership', {
  description: 'What an account is in an organization.',
  fields: (t) => ({
    role: t.expose('role', { type: RoleEnum }),
    since: t.expose('createdAt', { type: 'DateTime' }),
    account: t.relation('account'),
    organization: t.relation('organization'),
  }),
});

export const AccountRef = builder.prismaNode('Account', {
  id: { field: 'id' },
  nullable: true,
  interfaces: [OwnerRef],
  description: 'A person who signs in.',
  findUnique: (id, { caller }) => ({ id, AND: [visibleAccounts(caller)] }),
  fields: (t) => ({
    name: t.exposeString('name'),
    email: t.string({
      nullable: true,
      description: 'For the account itself and administrators; null for others.',
      resolve: ({ id, email }, _args, { caller }) => (may(caller, 'account.read', { accountId: id }) ? email : null),
    }),
    isAdministrator: t.exposeBoolean('isAdministrator'),
    createdAt: t.expose('createdAt', { type: 'DateTime' }),
    disabledAt: t.expose('disabledAt', { type: 'DateTime', nullable: true }),
    lastSignInAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'For the account itself and administrators; null for others.',
      resolve: ({ id, lastSignInAt }, _args, { caller }) =>
        may(caller, 'account.read', { accountId: id }) ? lastSignInAt : null,
    }),
    noticesByMail: t.boolean({
      nullable: true,
      description: 'Whether notices are sent to its email. For the account itself and administrators; null for others.',
      resolve: ({ id, noticesByMail }, _args, { caller }) =>
        may(caller, 'account.read', { accountId: id }) ? noticesByMail : null,
    }),
    memberships: t.relation('memberships', {
      description: 'Of the organizations that the caller may see.',
      query: (_args, { caller }) => ({
        where: { organization: visibleOrganizations(caller) },
        orderBy: { organizationId: 'asc' as const },
      }),
    }),
  }),
});
