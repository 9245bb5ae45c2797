import { changePassword } from '../../accounts/change-password.ts';
import { Sensitive } from '../../domain/sensitive.ts';
import { mutation } from '../mutation.ts';
import { accountFields } from './account-success.ts';

mutation('changePassword', {
  description: 'Changes the password of the signed-in account and ends all its other sessions.',
  input: {
    description: 'The caller’s current password and the new one.',
    fields: (t) => ({
      currentPassword: t.string({
        required: true,
        description: 'The present password. Wrong passwords count against the sign-in limits.',
      }),
      newPassword: t.string({
        required: true,
        description: 'At least 12 characters and at most 1,024 bytes; not the email address.',
      }),
    }),
  },
  useCase: changePassword,
  toInput: ({ currentPassword, newPassword }) => ({
    currentPassword: new Sensitive(currentPassword),
    newPassword: new Sensitive(newPassword),
  }),
  failures: ['InvalidCredentials', 'PasswordNotAllowed'],
  success: {
    description: 'The password was changed. All other sessions of the account have ended.',
    fields: accountFields,
  },
});
