import { openInvitations } from '../../accounts/membership-invitations.ts';
import { may } from '../../domain/permission.ts';
import { builder } from '../builder.ts';
import { RoleEnum } from '../enums.ts';

const MembershipInvitationRef = builder.prismaObject('MembershipInvitation', {
  description:
    'An open invitation of an account to an organization. The account accepts it with setMember, for itself and with this role.',
  fields: (t) => ({
    organizationId: t.exposeID('organizationId', { description: 'The organization that the account is invited to.' }),
    organizationName: t.string({
      description: 'The name of the organization, for people. Not unique.',
      select: { organization: { select: { name: true } } },
      resolve: ({ organization }) => organization.name,
    }),
    accountId: t.exposeID('accountId', { description: 'Id of the invited account, as the inviter gave it.' }),
    role: t.expose('role', { type: RoleEnum, description: 'The role that the account will have.' }),
    invitedBy: t.string({
      description: 'The name of the account that sent the invitation, for people.',
      select: { invitedBy: { select: { name: true } } },
      resolve: ({ invitedBy }) => invitedBy.name,
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When the invitation was sent.' }),
    expiresAt: t.expose('expiresAt', {
      type: 'DateTime',
      description: 'When the invitation expires. It can be accepted before then.',
    }),
  }),
});

builder.prismaObjectField('Account', 'membershipInvitations', (t) =>
  t.field({
    type: [MembershipInvitationRef],
    description:
      'The open invitations of the account to organizations, oldest first, at most 100. Empty unless the caller is the account itself.',
    select: { id: true },
    resolve: ({ id }, _args, { caller, db, services }) =>
      caller.kind === 'ACCOUNT' && caller.id === id
        ? db.membershipInvitation.findMany({
            where: { accountId: id, ...openInvitations(services.clock.now()) },
            include: { organization: { select: { name: true } }, invitedBy: { select: { name: true } } },
            orderBy: [{ createdAt: 'asc' }, { organizationId: 'asc' }],
            take: 100,
          })
        : [],
  }),
);

builder.prismaObjectField('Organization', 'invitations', (t) =>
  t.field({
    type: [MembershipInvitationRef],
    description:
      'The open invitations to the organization, oldest first, at most 100. Empty unless the caller may manage the organization.',
    select: { id: true },
    resolve: ({ id }, _args, { caller, db, services }) =>
      may(caller, 'organization.manage', { ownerId: id })
        ? db.membershipInvitation.findMany({
            where: { organizationId: id, ...openInvitations(services.clock.now()) },
            include: { organization: { select: { name: true } }, invitedBy: { select: { name: true } } },
            orderBy: [{ createdAt: 'asc' }, { accountId: 'asc' }],
            take: 100,
          })
        : [],
  }),
);
