import { disableAccount } from '../../accounts/disable-account.ts';
import { mutation } from '../mutation.ts';
import { accountFields } from './account-success.ts';

mutation('disableAccount', {
  description:
    'Disables an account: its sessions end at once, it cannot sign in, and no key can be issued for it. Its existing keys keep working. Administrators only.',
  input: {
    description: 'Which account to disable, and why.',
    fields: (t) => ({
      accountId: t.id({ required: true, description: 'The account to disable.' }),
      reason: t.string({ required: true }),
    }),
  },
  useCase: disableAccount,
  toInput: (input) => input,
  failures: ['AccountNotFound', 'LastAdministrator'],
  success: {
    description: 'The account was disabled and its sessions have ended. Its keys keep working.',
    fields: accountFields,
  },
});
