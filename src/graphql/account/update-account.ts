import { updateAccount } from '../../accounts/update-account.ts';
import { mutation } from '../mutation.ts';
import { accountFields } from './account-success.ts';

mutation('updateAccount', {
  description: 'Changes the name and the settings of the signed-in account.',
  input: {
    description: 'The changes of the calling account. What is left out stays unchanged.',
    fields: (t) => ({
      name: t.string({ description: 'The account’s name, for people: 1 to 100 characters.' }),
      noticesByMail: t.boolean({ description: 'Whether notices about the account’s keys are mailed to it.' }),
    }),
  },
  useCase: updateAccount,
  toInput: ({ name, noticesByMail }) => ({ name: name ?? null, noticesByMail: noticesByMail ?? null }),
  failures: [],
  success: { description: 'The account was updated.', fields: accountFields },
});
