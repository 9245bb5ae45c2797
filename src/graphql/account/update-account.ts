import { updateAccount } from '../../accounts/update-account.ts';
import { builder } from '../builder.ts';
import { resultType } from '../failures.ts';
import { checkIdempotencyKey } from '../common-inputs.ts';
import { defineAccountSuccess } from './account-success.ts';

const UpdateAccountInputRef = builder.inputType('UpdateAccountInput', {
  description: 'The changes of the calling account. What is left out stays unchanged.',
  fields: (t) => ({
    noticesByMail: t.boolean({ description: 'Whether notices about the account’s keys are mailed to it.' }),
    idempotencyKey: t.string(),
  }),
});

const UpdateAccountResult = resultType(
  'UpdateAccount',
  defineAccountSuccess('UpdateAccount', 'The account was updated.'),
  ['IdempotencyConflict'],
);

builder.mutationField('updateAccount', (t) =>
  t.field({
    type: UpdateAccountResult,
    description: 'Changes the settings of the signed-in account.',
    args: { input: t.arg({ type: UpdateAccountInputRef, required: true }) },
    resolve: (_root, { input: { noticesByMail, idempotencyKey } }, { services, caller }) =>
      updateAccount(services, caller, { noticesByMail: noticesByMail ?? null, ...checkIdempotencyKey(idempotencyKey) }),
  }),
);
