import { acceptInvitation } from '../../accounts/accept-invitation.ts';
import { Sensitive } from '../../domain/sensitive.ts';
import { builder } from '../builder.ts';
import { resultType } from '../failures.ts';
import { checkIdempotencyKey } from '../common-inputs.ts';
import { defineAccountSuccess } from './account-success.ts';

const AcceptInvitationInputRef = builder.inputType('AcceptInvitationInput', {
  fields: (t) => ({
    token: t.string({ required: true }),
    name: t.string({ required: true }),
    password: t.string({ required: true, description: '12 characters to 1,024 bytes.' }),
    idempotencyKey: t.string(),
  }),
});

const AcceptInvitationResult = resultType(
  'AcceptInvitation',
  defineAccountSuccess('AcceptInvitation', 'The new account. It can sign in.'),
  ['InvitationNotFound', 'PasswordNotAllowed', 'EmailTaken', 'IdempotencyConflict'],
);

builder.mutationField('acceptInvitation', (t) =>
  t.field({
    type: AcceptInvitationResult,
    description: 'Turns an invitation into an account, once.',
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
