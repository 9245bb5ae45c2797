import { acceptInvitation, type AcceptInvitationInput } from '../../accounts/accept-invitation.ts';
import type { Caller } from '../../domain/caller.ts';
import { Sensitive } from '../../domain/sensitive.ts';
import type { IdempotentInput } from '../../log/use-case.ts';
import type { Services } from '../context.ts';
import { mutation } from '../mutation.ts';
import { accountFields } from './account-success.ts';

mutation('acceptInvitation', {
  description:
    'Creates an account from an invitation. Needs no authentication; the token is the proof. Fails if the inviter may no longer invite such an account.',
  isPublic: true,
  input: {
    description: 'An invitation’s token, and the account to create with it.',
    fields: (t) => ({
      token: t.string({
        required: true,
        description: 'The token that inviteAccount returned. It works once, for 7 days.',
      }),
      name: t.string({ required: true, description: 'The account’s name, for people: 1 to 100 characters.' }),
      password: t.string({
        required: true,
        description: 'At least 12 characters and at most 1,024 bytes; not the email address.',
      }),
    }),
  },
  useCase: acceptFrom,
  toInput: ({ token, name, password }) => ({
    token: new Sensitive(token),
    name,
    password: new Sensitive(password),
  }),
  failures: ['InvitationNotFound', 'PasswordNotAllowed', 'EmailTaken'],
  success: {
    description: 'The invitation was accepted. The new account can sign in.',
    fields: accountFields,
  },
});

/** Accepts an invitation. Its token, not the caller, is the proof. */
function acceptFrom(
  services: Services,
  _caller: Caller,
  input: AcceptInvitationInput & IdempotentInput,
  address: string,
) {
  return acceptInvitation(services, input, address);
}
