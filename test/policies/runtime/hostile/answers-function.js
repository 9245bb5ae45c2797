import { definePolicy, z } from '#policy';

export default definePolicy({
  name: 'answers-function',
  version: '1',
  title: 'Hostile',
  summary: 'Answers a function.',
  config: z.strictObject({}),
  dormancy() {
    return { warnAt: () => 1, holdAt: null, expireAt: null, reason: { code: 'FINE', sentence: 'All is well.' } };
  },
});
