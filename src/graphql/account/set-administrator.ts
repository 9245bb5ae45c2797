import { setAdministrator } from '../../accounts/set-administrator.ts';
import { mutation } from '../mutation.ts';
import { accountFields } from './account-success.ts';

mutation('setAdministrator', {
  description:
    'Makes an account an administrator of the gateway, or takes that right from it, from its next request on. The last open administrator keeps it. Administrators only.',
  input: {
    description: 'Whose right to change, and why.',
    fields: (t) => ({
      accountId: t.id({
        required: true,
        description: 'The account to change. The right can be taken from a disabled account, but not given to it.',
      }),
      administrator: t.boolean({
        required: true,
        description: 'Whether the account is to administer the gateway: all realms, accounts and keys.',
      }),
      reason: t.string({ required: true }),
    }),
  },
  outlivesSession: ({ administrator }) => administrator,
  useCase: setAdministrator,
  toInput: ({ administrator, ...input }) => ({ ...input, isAdministrator: administrator }),
  failures: ['AccountNotFound', 'LastAdministrator'],
  success: { description: 'The account is an administrator, or is one no longer.', fields: accountFields },
});
