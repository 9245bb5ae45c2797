import { definePolicy, z } from '#policy';

export default definePolicy({
  name: 'answers-long-sentence',
  version: '1',
  title: 'Hostile',
  summary: 'Gives a sentence that is too long.',
  config: z.strictObject({}),
  dormancy() {
    return { warnAt: null, holdAt: null, expireAt: null, reason: { code: 'FINE', sentence: 'x'.repeat(301) } };
  },
});
