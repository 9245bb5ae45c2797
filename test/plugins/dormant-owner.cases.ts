import { on, type PolicyCases } from './policy-case.ts';

const held = 'Its keys are warned, held 30 days after the warning';
const away = (day: string) => ({
  code: 'OWNER_AWAY',
  sentence: `The owner last signed in on ${day}, and 365 days without signing in is the limit. ${held}.`,
});
const disabled = (day: string) => ({ code: 'OWNER_DISABLED', sentence: `The owner was disabled on ${day}. ${held}.` });

export const { cases, refused }: PolicyCases = {
  cases: [
    {
      title: 'an owner who signs in: its keys are warned 365 days after the last time',
      decides: 'dormancy',
      facts: { owner: { createdAt: on('2025-01-01'), lastSignInAt: on('2026-03-01T08:00:00Z') } },
      config: {},
      moment: on('2026-03-02'),
      verdict: {
        warnAt: on('2027-03-01T08:00:00Z'),
        holdAt: on('2027-03-31T08:00:00Z'),
        expireAt: null,
        reason: away('2026-03-01'),
      },
    },
    {
      title: 'an owner who never signed in is counted from its making',
      decides: 'dormancy',
      facts: { owner: { createdAt: on('2025-01-01'), lastSignInAt: null } },
      config: { idle: 'P90D', expireAfter: 'P60D' },
      moment: on('2026-03-02'),
      verdict: {
        warnAt: on('2025-04-01'),
        holdAt: on('2025-05-01'),
        expireAt: on('2025-05-31'),
        reason: {
          code: 'OWNER_AWAY',
          sentence:
            'The owner never signed in and was made on 2025-01-01, and 90 days without signing in is the limit. ' +
            'Its keys are warned, held 30 days after the warning, expired 60 days after the warning.',
        },
      },
    },
    {
      title: 'an address that is not proved in time comes first',
      decides: 'dormancy',
      facts: { owner: { createdAt: on('2026-01-01'), lastSignInAt: on('2026-01-15'), isEmailVerified: false } },
      config: {},
      moment: on('2026-01-16'),
      verdict: {
        warnAt: on('2026-01-31'),
        holdAt: on('2026-03-02'),
        expireAt: null,
        reason: {
          code: 'OWNER_UNVERIFIED',
          sentence: `The owner has not proved the email address, for which there are 30 days from 2026-01-01. ${held}.`,
        },
      },
    },
    {
      title: 'with null an address need not be proved',
      decides: 'dormancy',
      facts: { owner: { createdAt: on('2026-01-01'), lastSignInAt: on('2026-01-15'), isEmailVerified: false } },
      config: { unverified: null },
      moment: on('2026-01-16'),
      verdict: { warnAt: on('2027-01-15'), holdAt: on('2027-02-14'), expireAt: null, reason: away('2026-01-15') },
    },
    {
      title: 'a disabled owner: its keys are warned as of then, and not as of the asking',
      decides: 'dormancy',
      facts: { owner: { lastSignInAt: on('2026-05-01'), disabledAt: on('2026-06-01T12:00:00Z') } },
      config: {},
      moment: on('2026-09-01'),
      verdict: {
        warnAt: on('2026-06-01T12:00:00Z'),
        holdAt: on('2026-07-01T12:00:00Z'),
        expireAt: null,
        reason: disabled('2026-06-01'),
      },
    },
    {
      title: 'an owner who was away before being disabled: what came first counts',
      decides: 'dormancy',
      facts: { owner: { lastSignInAt: on('2025-05-01'), disabledAt: on('2026-06-01') } },
      config: {},
      moment: on('2026-09-01'),
      verdict: { warnAt: on('2026-05-01'), holdAt: on('2026-05-31'), expireAt: null, reason: away('2025-05-01') },
    },
    {
      title: 'of two at one moment the disabling is told',
      decides: 'dormancy',
      facts: { owner: { lastSignInAt: on('2025-06-01'), disabledAt: on('2026-06-01') } },
      config: {},
      moment: on('2026-06-01'),
      verdict: { warnAt: on('2026-06-01'), holdAt: on('2026-07-01'), expireAt: null, reason: disabled('2026-06-01') },
    },
    {
      title: 'the use of a key spares it from nothing',
      decides: 'dormancy',
      facts: { owner: { lastSignInAt: on('2025-05-01') }, use: { lastUsedAt: on('2026-08-31') } },
      config: {},
      moment: on('2026-09-01'),
      verdict: { warnAt: on('2026-05-01'), holdAt: on('2026-05-31'), expireAt: null, reason: away('2025-05-01') },
    },
    {
      title: 'unless it is said to: then the warning waits for the last use to be that old',
      decides: 'dormancy',
      facts: { owner: { lastSignInAt: on('2025-05-01') }, use: { lastUsedAt: on('2026-08-31') } },
      config: { unlessUsedWithin: 'P60D' },
      moment: on('2026-09-01'),
      verdict: {
        warnAt: on('2026-10-30'),
        holdAt: on('2026-11-29'),
        expireAt: null,
        reason: {
          code: 'OWNER_AWAY',
          sentence:
            'The owner last signed in on 2025-05-01, and 365 days without signing in is the limit. ' +
            `${held} unless used within 60 days.`,
        },
      },
    },
    {
      title: 'it does not spare a key that was never used',
      decides: 'dormancy',
      facts: { owner: { lastSignInAt: on('2025-05-01') }, key: { createdAt: on('2026-08-31') } },
      config: { unlessUsedWithin: 'P60D', holdAfter: null },
      moment: on('2026-09-01'),
      verdict: {
        warnAt: on('2026-05-01'),
        holdAt: null,
        expireAt: null,
        reason: {
          code: 'OWNER_AWAY',
          sentence:
            'The owner last signed in on 2025-05-01, and 365 days without signing in is the limit. ' +
            'Its keys are warned unless used within 60 days.',
        },
      },
    },
    {
      title: 'and not one whose owner is disabled',
      decides: 'dormancy',
      facts: {
        owner: { lastSignInAt: on('2026-05-01'), disabledAt: on('2026-06-01') },
        use: { lastUsedAt: on('2026-08-31') },
      },
      config: { unlessUsedWithin: 'P60D', holdAfter: 'PT0S' },
      moment: on('2026-09-01'),
      verdict: {
        warnAt: on('2026-06-01'),
        holdAt: on('2026-06-01'),
        expireAt: null,
        reason: {
          code: 'OWNER_DISABLED',
          sentence: 'The owner was disabled on 2026-06-01. Its keys are warned, held at once.',
        },
      },
    },
  ],
  refused: [
    { config: { holdAfter: 'P60D', expireAfter: 'P30D' }, at: 'expireAfter' },
    { config: { idle: 'PT1H' }, at: 'idle' },
    { config: { unlessUsedWithin: 'PT1H' }, at: 'unlessUsedWithin' },
    { config: { owner: 'account-1' }, at: '' },
  ],
};
