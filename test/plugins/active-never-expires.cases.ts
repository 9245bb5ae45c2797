import { on, type PolicyCases } from './policy-case.ts';

const used = (days: number, day: string) => ({
  code: 'UNUSED',
  sentence: `A key that is not used for ${days} days expires. It was last active on ${day}.`,
});
const never = (days: number, day: string) => ({
  code: 'NEVER_USED',
  sentence: `A key that is not used for ${days} days expires. It was never used, and is counted from ${day}.`,
});

export const { cases, refused }: PolicyCases = {
  cases: [
    {
      title: 'a used key expires 365 days after its last use',
      decides: 'expiry',
      facts: { use: { lastUsedAt: on('2026-06-01T10:30:00Z') } },
      config: {},
      moment: on('2026-07-01'),
      verdict: {
        request: null,
        cap: { at: on('2027-06-01T10:30:00Z'), basis: 'BY_USE' },
        reason: used(365, '2026-06-01'),
      },
    },
    {
      title: 'a key that was never used expires by its age',
      decides: 'expiry',
      facts: { key: { createdAt: on('2026-01-01') } },
      config: {},
      moment: on('2026-12-31'),
      verdict: {
        request: null,
        cap: { at: on('2027-01-01'), basis: 'BY_USE' },
        reason: never(365, '2026-01-01'),
      },
    },
    {
      title: 'a leap day is a day: the end comes a day earlier in the calendar',
      decides: 'expiry',
      facts: { use: { lastUsedAt: on('2028-02-28') } },
      config: {},
      moment: on('2028-02-28'),
      verdict: { request: null, cap: { at: on('2029-02-27'), basis: 'BY_USE' }, reason: used(365, '2028-02-28') },
    },
    {
      title: 'a renewal of a key that was never used counts as activity',
      decides: 'expiry',
      facts: { key: { renewedAt: on('2026-05-01') } },
      config: { idle: 'P30D' },
      moment: on('2026-05-02'),
      verdict: { request: null, cap: { at: on('2026-05-31'), basis: 'BY_USE' }, reason: never(30, '2026-05-01') },
    },
    {
      title: 'so does a renewal after the last use',
      decides: 'expiry',
      facts: { key: { renewedAt: on('2026-05-01') }, use: { lastUsedAt: on('2026-02-01') } },
      config: { idle: 'P30D' },
      moment: on('2026-05-02'),
      verdict: { request: null, cap: { at: on('2026-05-31'), basis: 'BY_USE' }, reason: used(30, '2026-05-01') },
    },
    {
      title: 'and a hold that was lifted',
      decides: 'expiry',
      facts: { use: { lastUsedAt: on('2026-02-01'), activeAt: on('2026-08-01') } },
      config: { idle: 'P1D' },
      moment: on('2026-08-01'),
      verdict: {
        request: null,
        cap: { at: on('2026-08-02'), basis: 'BY_USE' },
        reason: {
          code: 'UNUSED',
          sentence: 'A key that is not used for 1 day expires. It was last active on 2026-08-01.',
        },
      },
    },
    {
      title: 'what is over stays said: the moment of asking changes nothing',
      decides: 'expiry',
      facts: { use: { lastUsedAt: on('2026-06-01') } },
      config: {},
      moment: on('2040-01-01'),
      verdict: { request: null, cap: { at: on('2027-06-01'), basis: 'BY_USE' }, reason: used(365, '2026-06-01') },
    },
    {
      title: 'an expiry that was chosen is left to itself',
      decides: 'expiry',
      facts: { key: { chosenExpiresAt: on('2026-03-01') } },
      config: {},
      moment: on('2026-01-02'),
      verdict: { request: null, cap: { at: on('2027-01-01'), basis: 'BY_USE' }, reason: never(365, '2026-01-01') },
    },
    {
      title: 'spread stops are later by the days of the key',
      decides: 'expiry',
      facts: { use: { lastUsedAt: on('2026-06-01') } },
      config: { spreadOver: 'P30D' },
      moment: on('2026-07-01'),
      verdict: {
        request: null,
        cap: { at: on('2027-06-07'), basis: 'BY_USE' },
        reason: {
          code: 'UNUSED',
          sentence: `${used(365, '2026-06-01').sentence} Stops are spread: this key has 6 days more.`,
        },
      },
    },
  ],
  refused: [
    { config: { idle: 'PT23H59M' }, at: 'idle' },
    { config: { idle: 'P12M' }, at: 'idle' },
    { config: { idle: null }, at: 'idle' },
    { config: { idle: 365 }, at: 'idle' },
  ],
};
