import { may } from '../../domain/permission.ts';
import { builder } from '../builder.ts';
import { RoleEnum } from '../enums.ts';
import { createKeyset } from '../keyset.ts';

const InvitationRef = builder.prismaObject('Invitation', {
  description: 'An open invitation to create an account. Its one-time token is shown only to the inviter, once.',
  fields: (t) => ({
    invitationId: t.exposeID('id', { description: 'Id of the invitation, for withdrawInvitation: invitation_…' }),
    email: t.exposeString('email', { description: 'The address of the invited person, in lower case.' }),
    isAdministrator: t.exposeBoolean('isAdministrator', {
      description: 'Whether the account will administer the gateway.',
    }),
    organizationId: t.exposeID('organizationId', {
      nullable: true,
      description: 'The organization that the account will belong to. Null: to none.',
    }),
    organizationName: t.string({
      nullable: true,
      description: 'The name of that organization, for people. Not unique.',
      select: { organization: { select: { name: true } } },
      resolve: ({ organization }) => organization?.name ?? null,
    }),
    role: t.expose('role', {
      type: RoleEnum,
      nullable: true,
      description: 'The role that the account will have there. Null: it will belong to no organization.',
    }),
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

const InvitationConnectionRef = builder.connectionObject(
  { type: InvitationRef, name: 'InvitationConnection' },
  { name: 'InvitationEdge' },
);

builder.queryField('invitations', (t) =>
  t.field({
    type: InvitationConnectionRef,
    description:
      'The open invitations to create an account, newest first: for administrators all, for another account those that it sent.',
    args: t.arg.connectionArgs(),
    resolve: async (_root, args, { caller, db, services }) => {
      const { where, connection, ...rest } = createKeyset(args, { column: 'createdAt', direction: 'DESC' });
      const sender = caller.kind === 'ACCOUNT' ? { invitedById: caller.id } : { id: { in: [] } };
      const visible = may(caller, 'account.inviteAdministrator', {}) ? {} : sender;
      const open = { acceptedAt: null, expiresAt: { gt: services.clock.now() } };
      const rows = await db.invitation.findMany({
        ...rest,
        where: { AND: [visible, open, ...where] },
        include: { organization: { select: { name: true } }, invitedBy: { select: { name: true } } },
      });
      return connection(rows);
    },
  }),
);
