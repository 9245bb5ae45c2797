import { definePolicy, z } from '#policy';

export default definePolicy({
  name: 'answers-symbol-member',
  version: '1',
  title: 'Hostile',
  summary: 'Answers a member that is named by a symbol.',
  config: z.strictObject({}),
  dormancy() {
    return {
      [Symbol.iterator]: null,
      warnAt: null,
      holdAt: null,
      expireAt: null,
      reason: { code: 'FINE', sentence: 'All is well.' },
    };
  },
});
