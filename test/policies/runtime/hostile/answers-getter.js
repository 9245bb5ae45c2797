import { definePolicy, z } from '#policy';

export default definePolicy({
  name: 'answers-getter',
  version: '1',
  title: 'Hostile',
  summary: 'Answers an accessor that throws.',
  config: z.strictObject({}),
  dormancy() {
    return {
      get warnAt() {
        throw new Error('not here');
      },
      holdAt: null,
      expireAt: null,
      reason: { code: 'FINE', sentence: 'All is well.' },
    };
  },
});
