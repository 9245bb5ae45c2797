import { definePolicy, z } from '#policy';

export default definePolicy({
  name: 'answers-text-for-instant',
  version: '1',
  title: 'Hostile',
  summary: 'Answers a text where an instant is expected.',
  config: z.strictObject({}),
  dormancy() {
    return { warnAt: null, holdAt: null, expireAt: '2027-01-01', reason: { code: 'FINE', sentence: 'All is well.' } };
  },
});
