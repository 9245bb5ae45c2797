import { disableAccount } from '../../accounts/disable-account.ts';
import { builder } from '../builder.ts';
import { resultType } from '../failures.ts';
import { checkIdempotencyKey } from '../common-inputs.ts';
import { defineAccountSuccess } from './account-success.ts';

const DisableAccountInputRef = builder.inputType('DisableAccountInput', {
  description: 'Which account to disable, and why.',
  fields: (t) => ({
    accountId: t.id({ required: true, description: 'The account to disable.' }),
    reason: t.string({ required: true }),
    idempotencyKey: t.string(),
  }),
});

const DisableAccountResult = resultType(
  'DisableAccount',
  defineAccountSuccess(
    'DisableAccount',
    'The account was disabled and its sessions have ended. Its keys keep working.',
  ),
  ['AccountNotFound', 'LastAdministrator', 'IdempotencyConflict'],
);

builder.mutationField('disableAccount', (t) =>
  t.field({
    type: DisableAccountResult,
    description:
      'Disables an account: its sessions end at once, it cannot sign in, and no key can be issued for it. Its existing keys keep working. Administrators only.',
    args: { input: t.arg({ type: DisableAccountInputRef, required: true }) },
    resolve: (_root, { input: { accountId, reason, idempotencyKey } }, { services, caller }) =>
      disableAccount(services, caller, { accountId, reason, ...checkIdempotencyKey(idempotencyKey) }),
  }),
);
