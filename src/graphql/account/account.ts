import { visibleAccounts, visibleOrganizations } from '../../accounts/visible-accounts.ts';
import { may } from '../../domain/permission.ts';
import { builder } from '../builder.ts';
import { RoleEnum } from '../enums.ts';
import { OwnerRef } from '../owner.ts';

export const MembershipRef = builder.prismaObject('Membership', {
  description: 'An account’s membership of an organization.',
  fields: (t) => ({
    role: t.expose('role', { type: RoleEnum, description: 'What the account may do in the organization.' }),
    since: t.expose('createdAt', { type: 'DateTime', description: 'When the account joined the organization.' }),
    account: t.relation('account', { description: 'The member.' }),
    organization: t.relation('organization', { description: 'The organization that the account belongs to.' }),
  }),
});

export const AccountRef = builder.prismaNode('Account', {
  id: { field: 'id' },
  nullable: true,
  interfaces: [OwnerRef],
  description: 'A person who signs in. An account can own keys and belong to organizations.',
  findUnique: (id, { caller }) => ({ id, AND: [visibleAccounts(caller)] }),
  fields: (t) => ({
    name: t.exposeString('name', { description: 'The person’s name, as they chose it: 1 to 100 characters.' }),
    email: t.string({
      nullable: true,
      description:
        'The address with which the account signs in, in lower case. Null unless the caller is the account itself or an administrator.',
      resolve: ({ id, email }, _args, { caller }) => (may(caller, 'account.read', { accountId: id }) ? email : null),
    }),
    isAdministrator: t.exposeBoolean('isAdministrator', {
      description: 'Whether the account administers the gateway: all realms, accounts and keys.',
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When the account was created.' }),
    disabledAt: t.expose('disabledAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When the account was disabled. It cannot sign in since then. Null: it is not disabled.',
    }),
    lastSignInAt: t.field({
      type: 'DateTime',
      nullable: true,
      description:
        'When the account last signed in. Null if it never did, and unless the caller is the account itself or an administrator.',
      resolve: ({ id, lastSignInAt }, _args, { caller }) =>
        may(caller, 'account.read', { accountId: id }) ? lastSignInAt : null,
    }),
    noticesByMail: t.boolean({
      nullable: true,
      description:
        'Whether notices about the account’s keys are mailed to it. Null unless the caller is the account itself or an administrator.',
      resolve: ({ id, noticesByMail }, _args, { caller }) =>
        may(caller, 'account.read', { accountId: id }) ? noticesByMail : null,
    }),
    memberships: t.relation('memberships', {
      description: 'The account’s memberships of organizations that the caller may see, ordered by organization id.',
      query: (_args, { caller }) => ({
        where: { organization: visibleOrganizations(caller) },
        orderBy: { organizationId: 'asc' as const },
      }),
    }),
  }),
});
