import { definePolicy, z } from '#policy';

export default definePolicy({
  name: 'answers-empty-sentence',
  version: '1',
  title: 'Hostile',
  summary: 'Gives an empty sentence.',
  config: z.strictObject({}),
  dormancy() {
    return { warnAt: null, holdAt: null, expireAt: null, reason: { code: 'FINE', sentence: '' } };
  },
});
