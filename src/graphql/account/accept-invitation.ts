import { acceptInvitation } from '../../accounts/accept-invitation.ts';
import { Sensitive } from '../../domain/sensitive.ts';
import { builder } from '../builder.ts';
import { resultType } from '../failures.ts';
import { checkIdempotencyKey } from '../common-inputs.ts';
import { defineAccountSuccess } from './account-success.ts';

const AcceptInvitationInputRef = builder.inputType('AcceptInvitationInput', {
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
    idempotencyKey: t.string(),
  }),
});

const AcceptInvitationResult = resultType(
  'AcceptInvitation',
  defineAccountSuccess('AcceptInvitation', 'The invitation was accepted. The new account can sign in.'),
  ['InvitationNotFound', 'PasswordNotAllowed', 'EmailTaken', 'IdempotencyConflict'],
);

builder.mutationField('acceptInvitation', (t) =>
  t.field({
    type: AcceptInvitationResult,
    description:
      'Creates an account from an invitation. Needs no authentication; the token is the proof. Fails if the inviter may no longer invite such an account.',
    skipTypeScopes: true,
    args: { input: t.arg({ type: AcceptInvitationInputRef, required: true }) },
    resolve: (_root, { input }, { services, address }) => {
      const token = new Sensitive(input.token);
      const password = new Sensitive(input.password);
      return acceptInvitation(
        services,
        { token, name: input.name, password, ...checkIdempotencyKey(input.idempotencyKey) },
        address,
      );
    },
  }),
);
