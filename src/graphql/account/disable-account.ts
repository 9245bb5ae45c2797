import { disableAccount } from '../../accounts/disable-account.ts';
import { mutation } from '../mutation.ts';
import { accountFields } from './account-success.ts';

mutation('disableAccount', {
  description:
    'Disables an account: its sessions end at once, it cannot sign in, and no key can be issued for it. Its existing keys keep working. With disabled: false it is enabled again. Administrators only.',
  input: {
    description: 'Which account to disable or enable, and why.',
    fields: (t) => ({
      accountId: t.id({ required: true, description: 'The account to disable or enable.' }),
      disabled: t.boolean({ description: 'False: enable the account again. Default: true.' }),
      reason: t.string({ required: true }),
    }),
  },
  useCase: disableAccount,
  outlivesSession: ({ disabled }) => disabled === false,
  // Left out by default, so that a request of an earlier release stays the same request.
  toInput: ({ disabled, ...input }) => ({ ...input, ...(disabled === false && { isDisabled: false }) }),
  failures: ['AccountNotFound', 'LastAdministrator'],
  success: {
    description: 'The account was disabled and its sessions have ended, or it was enabled. Its keys keep working.',
    fields: accountFields,
  },
});
