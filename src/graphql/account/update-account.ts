import { updateAccount } from '../../accounts/update-account.ts';
import { builder } from '../builder.ts';
import { resultType } from '../failures.ts';
import { checkIdempotencyKey } from '../common-inputs.ts';
import { defineAccountSuccess } from './account-success.ts';

const UpdateAccountInputRef = builder.inputType('UpdateAccountInput', {
  fields: (t) => ({
    noticesByMail: t.boolean({ description: 'Whether notices are sent to its email.' }),
    idempotencyKey: t.string(),
  }),
});

const UpdateAccountResult = resultType(
  'UpdateAccount',
  defineAccountSuccess('UpdateAccount', 'The account, as it is now.'),
  ['IdempotencyConflict'],
);

builder.mutationField('updateAccount', (t) =>
  t.field({
    type: UpdateAccountResult,
    description: 'Changes the account that is asking. What is left out stays.',
    args: { input: t.arg({ type: UpdateAccountInputRef, required: true }) },
    resolve: (_root, { input: { noticesByMail, idempotencyKey } }, { services, caller }) =>
      updateAccount(services, caller, { noticesByMail: noticesByMail ?? null, ...checkIdempotencyKey(idempotencyKey) }),
  }),
);
