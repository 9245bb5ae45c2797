import { definePolicy, z } from '#policy';

export default definePolicy({
  name: 'answers-nan',
  version: '1',
  title: 'Hostile',
  summary: 'Answers NaN.',
  config: z.strictObject({}),
  dormancy() {
    return { warnAt: Number.NaN, holdAt: null, expireAt: null, reason: { code: 'FINE', sentence: 'All is well.' } };
  },
});
