import { signIn, type SignInResult } from '../../accounts/sign-in.ts';
import { signOut } from '../../accounts/sign-out.ts';
import { Sensitive } from '../../domain/sensitive.ts';
import { builder } from '../builder.ts';
import { resultType } from '../failures.ts';
import { defineAccountSuccess } from './account-success.ts';

const SignInInputRef = builder.inputType('SignInInput', {
  description: 'The credentials of an account.',
  fields: (t) => ({
    email: t.string({ required: true, description: 'The account’s address, in upper or lower case.' }),
    password: t.string({ required: true, description: 'The account’s password.' }),
  }),
});

const SignInSuccessRef = defineAccountSuccess<SignInResult>('SignIn', 'A new session.');

builder.objectFields(SignInSuccessRef, (t) => ({
  token: t.string({
    description: 'The session token. Send it as: Authorization: Bearer <token>.',
    resolve: ({ token }) => token.reveal(),
  }),
  expiresAt: t.expose('expiresAt', {
    type: 'DateTime',
    description: 'When the session ends by itself: 12 hours after it began.',
  }),
}));

const SignInResult = resultType('SignIn', SignInSuccessRef, ['InvalidCredentials']);

builder.mutationField('signIn', (t) =>
  t.field({
    type: SignInResult,
    description:
      'Signs an account in for 12 hours. Needs no authentication. An operation may contain it once. Attempts are limited per address and per account.',
    skipTypeScopes: true,
    args: { input: t.arg({ type: SignInInputRef, required: true }) },
    resolve: (_root, { input }, { services, address }) =>
      signIn(services, { email: input.email, password: new Sensitive(input.password), address }),
  }),
);

builder.mutationField('signOut', (t) =>
  t.boolean({
    description:
      'Ends the calling session at once, on every node. False: the caller is not a session, or the session had already ended.',
    resolve: (_root, _args, { services, caller }) => signOut(services, caller),
  }),
);
