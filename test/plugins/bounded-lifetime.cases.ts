import { DAY, HOUR } from '../../src/policies/contract.ts';
import { on, type PolicyCases } from './policy-case.ts';

const npm = { longest: 'P90D', default: 'P90D', capEveryKey: 'P90D' };
const upTo90 = 'A lifetime of 1 day to 90 days may be requested; without a request, a key gets 90 days.';
const npmRequest = { shortest: DAY, longest: 90 * DAY, default: 90 * DAY };

export const { cases, refused }: PolicyCases = {
  cases: [
    {
      title: 'without more: from 1 to 365 days may be asked for, and nothing need be',
      decides: 'expiry',
      facts: { request: { kind: 'ISSUE', expiresAt: null } },
      config: {},
      moment: on('2026-01-01'),
      verdict: {
        request: { shortest: DAY, longest: 365 * DAY, default: null },
        cap: null,
        reason: {
          code: 'LIFETIME_CHOSEN',
          sentence:
            'A lifetime of 1 day to 365 days may be requested; without a request, a key gets no expiry of its own.',
        },
      },
    },
    {
      title: 'bounds that are one length: that is the only life',
      decides: 'expiry',
      facts: {},
      config: { shortest: 'PT1H', longest: 'PT1H', default: 'PT1H' },
      moment: on('2026-01-01'),
      verdict: {
        request: { shortest: HOUR, longest: HOUR, default: HOUR },
        cap: null,
        reason: {
          code: 'LIFETIME_CHOSEN',
          sentence: 'A lifetime of 1 hour to 1 hour may be requested; without a request, a key gets 1 hour.',
        },
      },
    },
    {
      title: 'npm: a key that was never renewed ends 90 days after its issue',
      decides: 'expiry',
      facts: { key: { createdAt: on('2026-01-01') } },
      config: npm,
      moment: on('2026-02-01'),
      verdict: {
        request: npmRequest,
        cap: { at: on('2026-04-01'), basis: 'HARD' },
        reason: {
          code: 'LIFETIME_CAPPED',
          sentence: `A key expires 90 days after it was issued or last renewed, which was on 2026-01-01. ${upTo90}`,
        },
      },
    },
    {
      title: 'npm: a key that is used every day ends all the same',
      decides: 'expiry',
      facts: { key: { createdAt: on('2026-01-01') }, use: { lastUsedAt: on('2026-03-31') } },
      config: npm,
      moment: on('2026-03-31'),
      verdict: {
        request: npmRequest,
        cap: { at: on('2026-04-01'), basis: 'HARD' },
        reason: {
          code: 'LIFETIME_CAPPED',
          sentence: `A key expires 90 days after it was issued or last renewed, which was on 2026-01-01. ${upTo90}`,
        },
      },
    },
    {
      title: 'npm: a renewal that moved the expiry starts the 90 days anew',
      decides: 'expiry',
      facts: { key: { grantedAt: on('2026-03-01'), renewedAt: on('2026-03-01'), chosenExpiresAt: on('2026-05-30') } },
      config: npm,
      moment: on('2026-03-01'),
      verdict: {
        request: npmRequest,
        cap: { at: on('2026-05-30'), basis: 'HARD' },
        reason: {
          code: 'LIFETIME_CAPPED',
          sentence: `A key expires 90 days after it was issued or last renewed, which was on 2026-03-01. ${upTo90}`,
        },
      },
    },
    {
      title: 'npm: so does one of a key without a chosen expiry',
      decides: 'expiry',
      facts: { key: { renewedAt: on('2026-03-01') } },
      config: npm,
      moment: on('2026-03-02'),
      verdict: {
        request: npmRequest,
        cap: { at: on('2026-05-30'), basis: 'HARD' },
        reason: {
          code: 'LIFETIME_CAPPED',
          sentence: `A key expires 90 days after it was issued or last renewed, which was on 2026-03-01. ${upTo90}`,
        },
      },
    },
    {
      title: 'npm: so does one of a key that chose 365 days before there was a cap, although its choice lies further',
      decides: 'expiry',
      facts: { key: { renewedAt: on('2026-03-01'), chosenExpiresAt: on('2027-01-01') } },
      config: npm,
      moment: on('2026-03-02'),
      verdict: {
        request: npmRequest,
        cap: { at: on('2026-05-30'), basis: 'HARD' },
        reason: {
          code: 'LIFETIME_CAPPED',
          sentence: `A key expires 90 days after it was issued or last renewed, which was on 2026-03-01. ${upTo90}`,
        },
      },
    },
    {
      title: 'a rotation is no renewal: the cap stays where it was',
      decides: 'expiry',
      facts: { key: { secretCreatedAt: on('2026-03-01'), secretGeneration: 2 } },
      config: npm,
      moment: on('2026-03-01'),
      verdict: {
        request: npmRequest,
        cap: { at: on('2026-04-01'), basis: 'HARD' },
        reason: {
          code: 'LIFETIME_CAPPED',
          sentence: `A key expires 90 days after it was issued or last renewed, which was on 2026-01-01. ${upTo90}`,
        },
      },
    },
    {
      title: 'a cap that is shorter than what may be asked for bounds that too, rather than cutting what was granted',
      decides: 'expiry',
      facts: {},
      config: { longest: 'P365D', capEveryKey: 'P30D' },
      moment: on('2026-03-02'),
      verdict: {
        request: { shortest: DAY, longest: 30 * DAY, default: null },
        cap: { at: on('2026-01-31'), basis: 'HARD' },
        reason: {
          code: 'LIFETIME_CAPPED',
          sentence:
            'A key expires 30 days after it was issued or last renewed, which was on 2026-01-01. ' +
            'A lifetime of 1 day to 30 days may be requested; without a request, a key gets no expiry of its own.',
        },
      },
    },
  ],
  refused: [
    { config: { shortest: 'P2D', longest: 'P1D' }, at: 'shortest' },
    { config: { shortest: 'P31D', capEveryKey: 'P30D' }, at: 'shortest' },
    { config: { default: 'PT23H' }, at: 'default' },
    { config: { default: 'P91D', capEveryKey: 'P90D' }, at: 'default' },
    { config: { longest: 'P1Y' }, at: 'longest' },
    { config: { longest: 'P3651D' }, at: 'longest' },
    { config: { shortest: 'PT59S' }, at: 'shortest' },
    { config: { capAllKeys: 'P90D' }, at: '' },
  ],
};
