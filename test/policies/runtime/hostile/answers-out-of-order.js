import { definePolicy, z } from '#policy';

export default definePolicy({
  name: 'answers-out-of-order',
  version: '1',
  title: 'Hostile',
  summary: 'Expires before it warns.',
  config: z.strictObject({}),
  dormancy() {
    return { warnAt: 2, holdAt: null, expireAt: 1, reason: { code: 'FINE', sentence: 'All is well.' } };
  },
});
