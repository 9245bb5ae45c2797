import { disableAccount } from '../../accounts/disable-account.ts';
import { builder } from '../builder.ts';
import { resultType } from '../failures.ts';
import { checkIdempotencyKey } from '../common-inputs.ts';
import { defineAccountSuccess } from './account-success.ts';

const DisableAccountInputRef = builder.inputType('DisableAccountInput', {
  fields: (t) => ({
    accountId: t.id({ required: true }),
    reason: t.string({ required: true }),
    idempotencyKey: t.string(),
  }),
});

const DisableAccountResult = resultType(
  'DisableAccount',
  defineAccountSuccess('DisableAccount', 'The account is closed and its sessions have ended. Its keys go on.'),
  ['AccountNotFound', 'LastAdministrator', 'IdempotencyConflict'],
);

builder.mutationField('disableAccount', (t) =>
  t.field({
    type: DisableAccountResult,
    description: 'Closes an account: it cannot sign in, and its sessions end at once.',
    args: { input: t.arg({ type: DisableAccountInputRef, required: true }) },
    resolve: (_root, { input: { accountId, reason, idempotencyKey } }, { services, caller }) =>
      disableAccount(services, caller, { accountId, reason, ...checkIdempotencyKey(idempotencyKey) }),
  }),
);
