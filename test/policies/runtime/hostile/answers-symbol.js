import { definePolicy, z } from '#policy';

export default definePolicy({
  name: 'answers-symbol',
  version: '1',
  title: 'Hostile',
  summary: 'Answers a symbol.',
  config: z.strictObject({}),
  dormancy() {
    return { warnAt: Symbol('soon'), holdAt: null, expireAt: null, reason: { code: 'FINE', sentence: 'All is well.' } };
  },
});
