import { inviteAccount } from '../../accounts/invite.ts';
import { RoleEnum } from '../enums.ts';
import { mutation } from '../mutation.ts';

mutation('inviteAccount', {
  description:
    'Creates an invitation: a one-time token with which another person creates an account. OWNERs and ADMINs may invite to their organization. Administrators may also invite without an organization.',
  input: {
    description: 'Whom to invite, and what the new account may do.',
    fields: (t) => ({
      email: t.string({
        required: true,
        description: 'The address of the new account: at most 254 characters, stored in lower case.',
      }),
      administrator: t.boolean({
        defaultValue: false,
        description:
          'Whether the new account administers the gateway: all realms, accounts and keys. Administrators only.',
      }),
      organization: t.id({
        description:
          'The organization that the new account joins. Give role with it. Only administrators may leave it out: the account then joins no organization.',
      }),
      role: t.field({
        type: RoleEnum,
        description:
          'The new account’s role in organization. Give both or neither. Only an OWNER or an administrator may give OWNER.',
      }),
    }),
  },
  outlivesSession: ({ administrator }) => administrator === true,
  useCase: inviteAccount,
  toInput: ({ email, administrator, organization, role }) => ({
    email,
    isAdministrator: administrator ?? false,
    organizationId: organization ?? null,
    role: role ?? null,
  }),
  failures: ['OrganizationNotFound', 'EmailTaken'],
  success: {
    description: 'The invitation. The gateway mails nothing: hand the token to the invited person yourself.',
    fields: (t) => ({
      token: t.string({
        nullable: true,
        description:
          'The token for acceptInvitation. Null if this repeats an earlier request whose token can no longer be shown.',
        resolve: ({ delivery }) => delivery.text?.reveal() ?? null,
      }),
      expiresAt: t.expose('expiresAt', {
        type: 'DateTime',
        description: 'When the invitation expires: 7 days after it was made.',
      }),
    }),
  },
});
