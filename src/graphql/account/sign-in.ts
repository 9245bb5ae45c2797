import { signIn, type SignInResult } from '../../accounts/sign-in.ts';
import { signOut } from '../../accounts/sign-out.ts';
import { Sensitive } from '../../domain/sensitive.ts';
import { builder } from '../builder.ts';
import { resultType } from '../failures.ts';
import { defineAccountSuccess } from './account-success.ts';

const SignInInputRef = builder.inputType('SignInInput', {
  fields: (t) => ({ email: t.string({ required: true }), password: t.string({ required: true }) }),
});

const SignInSuccessRef = defineAccountSuccess<SignInResult>(
  'SignIn',
  'A session. Send its token as: Authorization: Bearer <token>.',
);

builder.objectFields(SignInSuccessRef, (t) => ({
  token: t.string({ resolve: ({ token }) => token.reveal() }),
  expiresAt: t.expose('expiresAt', { type: 'DateTime' }),
}));

const SignInResult = resultType('SignIn', SignInSuccessRef, ['InvalidCredentials']);

builder.mutationField('signIn', (t) =>
  t.field({
    type: SignInResult,
    description: 'Opens a session of 12 hours. At most once in an operation.',
    skipTypeScopes: true,
    args: { input: t.arg({ type: SignInInputRef, required: true }) },
    resolve: (_root, { input }, { services, address }) =>
      signIn(services, { email: input.email, password: new Sensitive(input.password), address }),
  }),
);

builder.mutationField('signOut', (t) =>
  t.boolean({
    description: 'Ends the session that is asking, at once and everywhere. False: what is asking is no session.',
    resolve: (_root, _args, { services, caller }) => signOut(services, caller),
  }),
);
