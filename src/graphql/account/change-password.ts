import { changePassword } from '../../accounts/change-password.ts';
import { Sensitive } from '../../domain/sensitive.ts';
import { builder } from '../builder.ts';
import { resultType } from '../failures.ts';
import { checkIdempotencyKey } from '../common-inputs.ts';
import { defineAccountSuccess } from './account-success.ts';

const ChangePasswordInputRef = builder.inputType('ChangePasswordInput', {
  fields: (t) => ({
    currentPassword: t.string({ required: true }),
    newPassword: t.string({ required: true, description: '12 characters to 1,024 bytes.' }),
    idempotencyKey: t.string(),
  }),
});

const ChangePasswordResult = resultType(
  'ChangePassword',
  defineAccountSuccess('ChangePassword', 'The password is changed, and all other sessions have ended.'),
  ['InvalidCredentials', 'PasswordNotAllowed', 'IdempotencyConflict'],
);

builder.mutationField('changePassword', (t) =>
  t.field({
    type: ChangePasswordResult,
    description: 'Changes the caller’s password and ends all its other sessions.',
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
