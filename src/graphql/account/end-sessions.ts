import { endSessionsOfAccount } from '../../accounts/end-sessions.ts';
import { mutation } from '../mutation.ts';
import { accountFields } from './account-success.ts';

mutation('endSessions', {
  description:
    'Ends open sessions of an account at once, on every node: those of the list, or all but the calling one. For the account itself, and for administrators.',
  input: {
    description: 'Which sessions to end.',
    fields: (t) => ({
      accountId: t.id({ description: 'The account whose sessions end. Default: the calling account.' }),
      sessionIds: t.idList({
        description:
          'The sessions to end: see Account.sessions. Those that have ended, or belong to another account, are left out. Default: all open sessions of the account but the calling one.',
      }),
    }),
  },
  useCase: endSessionsOfAccount,
  toInput: ({ accountId, sessionIds }) => ({ accountId: accountId ?? null, sessionIds: sessionIds ?? null }),
  failures: ['AccountNotFound'],
  success: {
    description: 'The sessions have ended.',
    fields: (t) => ({
      ...accountFields(t),
      endedCount: t.int({
        description: 'How many sessions this request ended.',
        resolve: ({ sessionIds }) => sessionIds.length,
      }),
    }),
  },
});
