import { definePolicy, z } from '#policy';

export default definePolicy({
  name: 'answers-lower-case-code',
  version: '1',
  title: 'Hostile',
  summary: 'Gives a code that is none.',
  config: z.strictObject({}),
  dormancy() {
    return { warnAt: null, holdAt: null, expireAt: null, reason: { code: 'fine', sentence: 'x' } };
  },
});
