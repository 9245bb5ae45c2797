import { definePolicy, z } from '#policy';

export default definePolicy({
  name: 'answers-bigint',
  version: '1',
  title: 'Hostile',
  summary: 'Answers a BigInt.',
  config: z.strictObject({}),
  dormancy() {
    return { warnAt: 1n, holdAt: null, expireAt: null, reason: { code: 'FINE', sentence: 'All is well.' } };
  },
});
