import { DAY, type RenewalVerdict } from '../../src/policies/contract.ts';
import { on, type PolicyCases } from './policy-case.ts';

const always: Omit<RenewalVerdict, 'mode' | 'window' | 'reason'> = {
  isAllowed: true,
  allowedAt: null,
  longest: null,
  graceExtension: 7 * DAY,
  retiresWhenMoved: false,
};
const extend = (from: string, to: string) => ({
  code: 'RENEW_IN_WINDOW',
  sentence: `Best renewed from ${from} to ${to}; the secret stays.`,
});
const in90Days = { grantedAt: on('2026-01-01'), chosenExpiresAt: on('2026-04-01') };
const rotate = { rotateAfter: 'P180D' };
const incident = { secretsMadeBefore: '2026-11-23T14:00:00+02:00' };

export const { cases, refused }: PolicyCases = {
  cases: [
    {
      title: 'a life of 90 days is best renewed from its 60th to its 81st day',
      decides: 'renewal',
      facts: { key: in90Days },
      config: {},
      moment: on('2026-01-02'),
      verdict: {
        ...always,
        mode: 'EXTEND',
        window: { opensAt: on('2026-03-02'), closesAt: on('2026-03-23') },
        reason: extend('2026-03-02', '2026-03-23'),
      },
    },
    {
      title: 'a renewal that moved the expiry begins the life that counts',
      decides: 'renewal',
      facts: { key: { grantedAt: on('2026-03-02'), renewedAt: on('2026-03-02'), chosenExpiresAt: on('2026-05-31') } },
      config: {},
      moment: on('2026-03-02'),
      verdict: {
        ...always,
        mode: 'EXTEND',
        window: { opensAt: on('2026-05-01'), closesAt: on('2026-05-22') },
        reason: extend('2026-05-01', '2026-05-22'),
      },
    },
    {
      title: 'a key without a chosen expiry lives from its last activity for as long as it may be idle',
      decides: 'renewal',
      facts: { use: { lastUsedAt: on('2026-02-01') } },
      config: { idle: 'P90D', longest: 'P365D', graceExtension: 'PT0S', retiresWhenMoved: true },
      moment: on('2026-02-02'),
      verdict: {
        isAllowed: true,
        allowedAt: null,
        longest: 365 * DAY,
        graceExtension: 0,
        retiresWhenMoved: true,
        mode: 'EXTEND',
        window: { opensAt: on('2026-04-02'), closesAt: on('2026-04-23') },
        reason: extend('2026-04-02', '2026-04-23'),
      },
    },
    {
      title: 'the shares of the life are configured, up to all of it',
      decides: 'renewal',
      facts: { key: in90Days },
      config: { opensAfter: 0.1, closesAfter: 1 },
      moment: on('2026-01-02'),
      verdict: {
        ...always,
        mode: 'EXTEND',
        window: { opensAt: on('2026-01-10'), closesAt: on('2026-04-01') },
        reason: extend('2026-01-10', '2026-04-01'),
      },
    },
    {
      title: 'a life of one millisecond has a window of whole milliseconds',
      decides: 'renewal',
      facts: { key: { grantedAt: on('2026-01-01'), chosenExpiresAt: on('2026-01-01T00:00:00.001Z') } },
      config: {},
      moment: on('2026-01-02'),
      verdict: {
        ...always,
        mode: 'EXTEND',
        window: { opensAt: on('2026-01-01'), closesAt: on('2026-01-01') },
        reason: extend('2026-01-01', '2026-01-01'),
      },
    },
    {
      title: 'a secret that is young enough stays, until its own window opens: a millisecond before',
      decides: 'renewal',
      facts: {
        key: { secretCreatedAt: on('2026-01-01'), grantedAt: on('2026-03-01'), chosenExpiresAt: on('2026-05-30') },
      },
      config: rotate,
      moment: on('2026-05-01') - 1,
      verdict: {
        ...always,
        mode: 'EXTEND',
        window: { opensAt: on('2026-04-30'), closesAt: on('2026-05-21') },
        reason: extend('2026-04-30', '2026-05-21'),
      },
    },
    {
      title: 'and from then on a renewal replaces it, so that it never gets older than it may',
      decides: 'renewal',
      facts: {
        key: { secretCreatedAt: on('2026-01-01'), grantedAt: on('2026-03-01'), chosenExpiresAt: on('2026-05-30') },
      },
      config: rotate,
      moment: on('2026-05-01'),
      verdict: {
        ...always,
        mode: 'ROTATE',
        window: { opensAt: on('2026-04-30'), closesAt: on('2026-05-21') },
        reason: {
          code: 'SECRET_AGES',
          sentence:
            'The secret was made on 2026-01-01 and may get 180 days old: ' +
            'a renewal replaces it, best from 2026-04-30 to 2026-05-21.',
        },
      },
    },
    {
      title: 'a key that is always in use, and never comes to a window of its own, gets its secret’s',
      decides: 'renewal',
      facts: { key: { secretCreatedAt: on('2026-01-01') }, use: { lastUsedAt: on('2026-06-30') } },
      config: rotate,
      moment: on('2026-06-30'),
      verdict: {
        ...always,
        mode: 'ROTATE',
        window: { opensAt: on('2026-05-01'), closesAt: on('2026-06-12') },
        reason: {
          code: 'SECRET_AGES',
          sentence:
            'The secret was made on 2026-01-01 and may get 180 days old: ' +
            'a renewal replaces it, best from 2026-05-01 to 2026-06-12.',
        },
      },
    },
    {
      title: 'an incident opens the window at its moment, for a day, and a renewal replaces the secret',
      decides: 'renewal',
      facts: { key: { ...in90Days, secretCreatedAt: on('2026-11-23T11:59:59.999Z') } },
      config: { incident },
      moment: on('2026-11-23T12:00:00Z'),
      verdict: {
        ...always,
        mode: 'ROTATE',
        window: { opensAt: on('2026-11-23T12:00:00Z'), closesAt: on('2026-11-24T12:00:00Z') },
        reason: {
          code: 'INCIDENT',
          sentence:
            'Secrets made before 2026-11-23 are to be replaced, and this one was made on 2026-11-23: ' +
            'a renewal replaces it, best from 2026-11-23 to 2026-11-24.',
        },
      },
    },
    {
      title: 'a secret that was made at that moment or later is not concerned',
      decides: 'renewal',
      facts: { key: { ...in90Days, secretCreatedAt: on('2026-11-23T12:00:00Z') } },
      config: { incident: { ...incident, within: 'PT5M' } },
      moment: on('2026-11-23T12:00:00Z'),
      verdict: {
        ...always,
        mode: 'EXTEND',
        window: { opensAt: on('2026-03-02'), closesAt: on('2026-03-23') },
        reason: extend('2026-03-02', '2026-03-23'),
      },
    },
  ],
  refused: [
    { config: { opensAfter: 0.9, closesAfter: 0.8 }, at: 'closesAfter' },
    { config: { opensAfter: -0.1 }, at: 'opensAfter' },
    { config: { opensAfter: 0 }, at: 'opensAfter' },
    { config: { closesAfter: 1.1 }, at: 'closesAfter' },
    { config: { graceExtension: 'P366D' }, at: 'graceExtension' },
    { config: { incident: { secretsMadeBefore: '2026-11-23' } }, at: 'incident.secretsMadeBefore' },
    { config: { incident: { secretsMadeBefore: '2026-11-23T12:00:00' } }, at: 'incident.secretsMadeBefore' },
    { config: { incident: { secretsMadeBefore: '2200-01-01T00:00:01Z' } }, at: 'incident.secretsMadeBefore' },
    { config: { incident: { ...incident, within: 'P31D' } }, at: 'incident.within' },
  ],
};
