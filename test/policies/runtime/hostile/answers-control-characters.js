import { definePolicy, z } from '#policy';

export default definePolicy({
  name: 'answers-control-characters',
  version: '1',
  title: 'Hostile',
  summary: 'Gives a sentence that rings a bell.',
  config: z.strictObject({}),
  dormancy() {
    return { warnAt: null, holdAt: null, expireAt: null, reason: { code: 'FINE', sentence: 'ding\u0007' } };
  },
});
