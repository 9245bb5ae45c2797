import { definePolicy, z } from '#policy';

export default definePolicy({
  name: 'answers-huge-text',
  version: '1',
  title: 'Hostile',
  summary: 'Gives a sentence of ten million characters.',
  config: z.strictObject({}),
  dormancy() {
    return { warnAt: null, holdAt: null, expireAt: null, reason: { code: 'FINE', sentence: 'x'.repeat(1e7) } };
  },
});
