import { definePolicy, z } from '#policy';

export default definePolicy({
  name: 'answers-undefined-member',
  version: '1',
  title: 'Hostile',
  summary: 'Answers undefined where null is expected.',
  config: z.strictObject({}),
  dormancy() {
    return { warnAt: null, holdAt: undefined, expireAt: null, reason: { code: 'FINE', sentence: 'All is well.' } };
  },
});
