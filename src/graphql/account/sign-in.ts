import { signIn } from '../../accounts/sign-in.ts';
import { signOut } from '../../accounts/sign-out.ts';
import type { Caller } from '../../domain/caller.ts';
import { Sensitive } from '../../domain/sensitive.ts';
import { builder } from '../builder.ts';
import type { Services } from '../context.ts';
import { mutation } from '../mutation.ts';
import { accountFields } from './account-success.ts';

mutation('signIn', {
  description:
    'Signs an account in for 12 hours. Needs no authentication. An operation may contain it once. Attempts are limited per address and per account.',
  isPublic: true,
  isRepeatable: false,
  input: {
    description: 'The credentials of an account.',
    fields: (t) => ({
      email: t.string({ required: true, description: 'The account’s address, in upper or lower case.' }),
      password: t.string({ required: true, description: 'The account’s password.' }),
    }),
  },
  useCase: signInFrom,
  toInput: ({ email, password }) => ({ email, password: new Sensitive(password) }),
  failures: ['InvalidCredentials'],
  success: {
    description: 'A new session.',
    fields: (t) => ({
      ...accountFields(t),
      token: t.string({
        description: 'The session token. Send it as: Authorization: Bearer <token>.',
        resolve: ({ token }) => token.reveal(),
      }),
      expiresAt: t.expose('expiresAt', {
        type: 'DateTime',
        description: 'When the session ends by itself: 12 hours after it began.',
      }),
    }),
  },
});

builder.mutationField('signOut', (t) =>
  t.boolean({
    description:
      'Ends the calling session at once, on every node. False: the caller is not a session, or the session had already ended.',
    resolve: (_root, _args, { services, caller }) => signOut(services, caller),
  }),
);

interface Credentials {
  readonly email: string;
  readonly password: Sensitive<string>;
}

/** Signs in with credentials. The caller may have any credential or none. */
function signInFrom(services: Services, _caller: Caller, credentials: Credentials, address: string) {
  return signIn(services, { ...credentials, address });
}
