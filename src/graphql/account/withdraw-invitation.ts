import { withdrawInvitation } from '../../accounts/withdraw-invitation.ts';
import { mutation } from '../mutation.ts';

mutation('withdrawInvitation', {
  description:
    'Withdraws an open invitation to create an account: its token can no longer be used. For the account that sent it, and for administrators. An invitation of an account to an organization is withdrawn by setMember.',
  input: {
    description: 'Which invitation to withdraw.',
    fields: (t) => ({
      invitationId: t.id({ required: true, description: 'The invitation to withdraw: see invitations.' }),
    }),
  },
  useCase: withdrawInvitation,
  toInput: (input) => input,
  failures: ['InvitationNotFound'],
  success: {
    description: 'The invitation was withdrawn.',
    fields: (t) => ({
      invitationId: t.id({
        description: 'The invitation that was withdrawn.',
        resolve: ({ invitationId }) => invitationId,
      }),
    }),
  },
});
