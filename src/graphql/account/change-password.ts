import { changePassword } from '../../accounts/change-password.ts';
import { Sensitive } from '../../domain/sensitive.ts';
import { builder } from '../builder.ts';
import { resultType } from '../failures.ts';
import { checkIdempotencyKey } from '../common-inputs.ts';
import { defineAccountSuccess } from './account-success.ts';

const ChangePasswordInputRef = builder.inputType('ChangePasswordInput', {
  description: 'The caller’s current password and the new one.',
  fields: (t) => ({
    currentPassword: t.string({
      required: true,
      description: 'The password in use. Wrong ones count against the sign-in limits.',
    }),
    newPassword: t.string({
      required: true,
      description: 'At least 12 characters and at most 1,024 bytes; not the email address.',
    }),
    idempotencyKey: t.string(),
  }),
});

const ChangePasswordResult = resultType(
  'ChangePassword',
  defineAccountSuccess('ChangePassword', 'The password was changed. All other sessions of the account have ended.'),
  ['InvalidCredentials', 'PasswordNotAllowed', 'IdempotencyConflict'],
);

builder.mutationField('changePassword', (t) =>
  t.field({
    type: ChangePasswordResult,
    description: 'Changes the password of the signed-in account and ends all its other sessions.',
    args: { input: t.arg({ type: ChangePasswordInputRef, required: true }) },
    resolve: (_root, { input }, { services, caller, address }) => {
      const currentPassword = new Sensitive(input.currentPassword);
      const newPassword = new Sensitive(input.newPassword);
      return changePassword(
        services,
        caller,
        { currentPassword, newPassword, ...checkIdempotencyKey(input.idempotencyKey) },
        address,
      );
    },
  }),
);
