import { DAY } from '../../src/policies/contract.ts';
import { on, type PolicyCases } from './policy-case.ts';

const steps = 'is warned, held 30 days after the warning, expired 60 days after the warning';

/** Returns the use of a key on days with these gaps, in days, of which the last is 2027-01-01. */
function usedWithGaps(...gaps: readonly number[]) {
  const last = on('2027-01-01');
  const days = gaps.reduceRight<number[]>((later, gap) => [(later[0] ?? last) - gap * DAY, ...later], [last]);
  return { firstUsedAt: days[0] ?? null, lastUsedAt: last, activeAt: last, days };
}

/** The verdict on a key that was last used on 2027-01-01 and may stay unused until `warnAt`. */
const warned = (warnAt: number, code: string, sentence: string) => ({
  warnAt,
  holdAt: warnAt + 30 * DAY,
  expireAt: warnAt + 60 * DAY,
  reason: { code, sentence: `${sentence} it ${steps}; last active on 2027-01-01.` },
});

const moment = on('2027-02-01');
const key = { createdAt: on('2020-01-01') };

export const { cases, refused }: PolicyCases = {
  cases: [
    {
      title: 'a key that is used each quarter may stay unused for two of its intervals',
      decides: 'dormancy',
      facts: { key, use: usedWithGaps(110, 2, 108, 110) },
      config: {},
      moment,
      verdict: warned(on('2027-08-09'), 'RHYTHM', 'This key is used about every 110 days. Unused for 220 days'),
    },
    {
      title: 'a key that is used each day has the shortest limit',
      decides: 'dormancy',
      facts: { key, use: usedWithGaps(...Array<number>(100).fill(1)) },
      config: {},
      moment,
      verdict: warned(on('2027-04-01'), 'RHYTHM', 'This key is used about every 7 days. Unused for 90 days'),
    },
    {
      title: 'a key that is used each 512 days has the longest limit',
      decides: 'dormancy',
      facts: { key, use: usedWithGaps(512, 512, 512) },
      config: {},
      moment,
      verdict: warned(on('2028-12-31'), 'RHYTHM', 'This key is used about every 512 days. Unused for 730 days'),
    },
    {
      title: 'the longest usual interval counts, so that a skipped release stops nothing',
      decides: 'dormancy',
      facts: { key, use: usedWithGaps(90, 91, 200) },
      config: { intervals: 1 },
      moment,
      verdict: warned(on('2027-07-20'), 'RHYTHM', 'This key is used about every 91 days. Unused for 200 days'),
    },
    {
      title: 'an unsure fast rhythm shortens nothing',
      decides: 'dormancy',
      facts: { key, use: usedWithGaps(30, 30) },
      config: {},
      moment,
      verdict: warned(
        on('2028-06-24'),
        'RHYTHM_UNSURE',
        'This key seems to be used about every 30 days. Unused for 540 days',
      ),
    },
    {
      title: 'an unsure slow rhythm gives more time',
      decides: 'dormancy',
      facts: { key, use: usedWithGaps(350, 330) },
      config: {},
      moment,
      verdict: warned(
        on('2028-12-01'),
        'RHYTHM_UNSURE',
        'This key seems to be used about every 340 days. Unused for 700 days',
      ),
    },
    {
      title: 'a key without a rhythm may stay unused for the time of other keys',
      decides: 'dormancy',
      facts: { key, use: usedWithGaps(300) },
      config: { idle: 'P365D' },
      moment,
      verdict: warned(
        on('2028-01-01'),
        'NO_RHYTHM',
        'This key was used too seldom to show a rhythm. Unused for 365 days',
      ),
    },
    {
      title: 'a key that was never used counts by its age',
      decides: 'dormancy',
      facts: { key: { createdAt: on('2026-01-01') } },
      config: {},
      moment: on('2026-02-01'),
      verdict: {
        warnAt: on('2026-04-01'),
        holdAt: on('2026-05-01'),
        expireAt: on('2026-05-31'),
        reason: {
          code: 'NEVER_USED',
          sentence: `This key was never used. Unused for 90 days it ${steps}; counted from 2026-01-01.`,
        },
      },
    },
    {
      title: 'without a hold and an expiry it only warns',
      decides: 'dormancy',
      facts: { key: { createdAt: on('2026-01-01') } },
      config: { holdAfter: null, expireAfter: null },
      moment: on('2026-02-01'),
      verdict: {
        warnAt: on('2026-04-01'),
        holdAt: null,
        expireAt: null,
        reason: {
          code: 'NEVER_USED',
          sentence: 'This key was never used. Unused for 90 days it is warned; counted from 2026-01-01.',
        },
      },
    },
    {
      title: 'spread stops are later by the days of the key',
      decides: 'dormancy',
      facts: { key: { createdAt: on('2026-01-01') } },
      config: { spreadOver: 'P30D' },
      moment: on('2026-02-01'),
      verdict: {
        warnAt: on('2026-04-07'),
        holdAt: on('2026-05-07'),
        expireAt: on('2026-06-06'),
        reason: {
          code: 'NEVER_USED',
          sentence:
            `This key was never used. Unused for 90 days it ${steps}; counted from 2026-01-01. ` +
            'Stops are spread: this key has 6 days more.',
        },
      },
    },
  ],
  refused: [
    { config: { neverUsed: 'P100D' }, at: 'neverUsed' },
    { config: { shortest: 'P600D' }, at: 'shortest' },
    { config: { longest: 'P300D' }, at: 'longest' },
    { config: { expireAfter: 'P7D' }, at: 'expireAfter' },
    { config: { intervals: 0.5 }, at: 'intervals' },
    { config: { interval: 2 }, at: '' },
  ],
};
