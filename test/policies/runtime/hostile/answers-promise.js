import { definePolicy, z } from '#policy';

export default definePolicy({
  name: 'answers-promise',
  version: '1',
  title: 'Hostile',
  summary: 'Answers later.',
  config: z.strictObject({}),
  async dormancy() {
    return { warnAt: null, holdAt: null, expireAt: null, reason: { code: 'FINE', sentence: 'All is well.' } };
  },
});
