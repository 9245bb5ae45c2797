import { on, type PolicyCases } from './policy-case.ts';

const steps = 'is warned, held 30 days after the warning, expired 60 days after the warning';
const used = (day: string) => ({
  code: 'UNUSED',
  sentence: `A key that is not used for 365 days ${steps}. It was last active on ${day}.`,
});

export const { cases, refused }: PolicyCases = {
  cases: [
    {
      title: 'a used key is warned after 365 days, held 30 and expired 60 days later',
      decides: 'dormancy',
      facts: { use: { lastUsedAt: on('2026-06-01T10:30:00Z') } },
      config: {},
      moment: on('2026-07-01'),
      verdict: {
        warnAt: on('2027-06-01T10:30:00Z'),
        holdAt: on('2027-07-01T10:30:00Z'),
        expireAt: on('2027-07-31T10:30:00Z'),
        reason: used('2026-06-01'),
      },
    },
    {
      title: 'a key that was never used is judged by its age',
      decides: 'dormancy',
      facts: { key: { createdAt: on('2026-01-01') } },
      config: {},
      moment: on('2026-12-31'),
      verdict: {
        warnAt: on('2027-01-01'),
        holdAt: on('2027-01-31'),
        expireAt: on('2027-03-02'),
        reason: {
          code: 'NEVER_USED',
          sentence: `A key that is not used for 365 days ${steps}. It was never used, and is counted from 2026-01-01.`,
        },
      },
    },
    {
      title: 'a shorter time for the first use binds a key without one',
      decides: 'dormancy',
      facts: { key: { createdAt: on('2026-01-01') } },
      config: { neverUsed: 'P90D' },
      moment: on('2026-01-01'),
      verdict: {
        warnAt: on('2026-04-01'),
        holdAt: on('2026-05-01'),
        expireAt: on('2026-05-31'),
        reason: {
          code: 'NEVER_USED',
          sentence: `A key that is not used for 90 days ${steps}. It was never used, and is counted from 2026-01-01.`,
        },
      },
    },
    {
      title: 'with its first use it is like every other key',
      decides: 'dormancy',
      facts: { key: { createdAt: on('2026-01-01') }, use: { lastUsedAt: on('2026-01-01') } },
      config: { neverUsed: 'P90D' },
      moment: on('2026-01-01'),
      verdict: {
        warnAt: on('2027-01-01'),
        holdAt: on('2027-01-31'),
        expireAt: on('2027-03-02'),
        reason: used('2026-01-01'),
      },
    },
    {
      title: 'a use on the day before the hold starts all of it anew',
      decides: 'dormancy',
      facts: { key: { createdAt: on('2025-01-01') }, use: { lastUsedAt: on('2026-01-30T23:59:59.999Z') } },
      config: {},
      moment: on('2026-01-31'),
      verdict: {
        warnAt: on('2027-01-30T23:59:59.999Z'),
        holdAt: on('2027-03-01T23:59:59.999Z'),
        expireAt: on('2027-03-31T23:59:59.999Z'),
        reason: used('2026-01-30'),
      },
    },
    {
      title: 'the seed’s "at once": warned, held and expired at one moment',
      decides: 'dormancy',
      facts: { use: { lastUsedAt: on('2026-06-01') } },
      config: { holdAfter: 'PT0S', expireAfter: 'PT0S' },
      moment: on('2026-06-01'),
      verdict: {
        warnAt: on('2027-06-01'),
        holdAt: on('2027-06-01'),
        expireAt: on('2027-06-01'),
        reason: {
          code: 'UNUSED',
          sentence:
            'A key that is not used for 365 days is warned, held at once, expired at once. It was last active on 2026-06-01.',
        },
      },
    },
    {
      title: 'a step that is null is left out: held, and never expired',
      decides: 'dormancy',
      facts: { use: { lastUsedAt: on('2026-06-01') } },
      config: { expireAfter: null },
      moment: on('2026-06-01'),
      verdict: {
        warnAt: on('2027-06-01'),
        holdAt: on('2027-07-01'),
        expireAt: null,
        reason: {
          code: 'UNUSED',
          sentence:
            'A key that is not used for 365 days is warned, held 30 days after the warning. It was last active on 2026-06-01.',
        },
      },
    },
    {
      title: 'without both steps it is a warning alone',
      decides: 'dormancy',
      facts: { use: { lastUsedAt: on('2026-06-01') } },
      config: { idle: 'P1D', holdAfter: null, expireAfter: null },
      moment: on('2030-06-01'),
      verdict: {
        warnAt: on('2026-06-02'),
        holdAt: null,
        expireAt: null,
        reason: {
          code: 'UNUSED',
          sentence: 'A key that is not used for 1 day is warned. It was last active on 2026-06-01.',
        },
      },
    },
    {
      title: 'a key that a person resumed is active as of then',
      decides: 'dormancy',
      facts: { use: { lastUsedAt: on('2025-02-01'), activeAt: on('2026-06-01') } },
      config: {},
      moment: on('2026-06-02'),
      verdict: {
        warnAt: on('2027-06-01'),
        holdAt: on('2027-07-01'),
        expireAt: on('2027-07-31'),
        reason: used('2026-06-01'),
      },
    },
    {
      title: 'spread stops are later by the days of the key',
      decides: 'dormancy',
      facts: { use: { lastUsedAt: on('2026-06-01') } },
      config: { spreadOver: 'P30D' },
      moment: on('2026-07-01'),
      verdict: {
        warnAt: on('2027-06-07'),
        holdAt: on('2027-07-07'),
        expireAt: on('2027-08-06'),
        reason: {
          code: 'UNUSED',
          sentence: `${used('2026-06-01').sentence} Stops are spread: this key has 6 days more.`,
        },
      },
    },
  ],
  refused: [
    { config: { idle: 'P90D', neverUsed: 'P91D' }, at: 'neverUsed' },
    { config: { holdAfter: 'P60D', expireAfter: 'P30D' }, at: 'expireAfter' },
    { config: { idle: 'PT1H' }, at: 'idle' },
    { config: { spreadOver: 'P91D' }, at: 'spreadOver' },
    { config: { idle: null }, at: 'idle' },
    { config: { holdafter: 'P1D' }, at: '' },
  ],
};
