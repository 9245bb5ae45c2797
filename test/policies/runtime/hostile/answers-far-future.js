import { definePolicy, z } from '#policy';

export default definePolicy({
  name: 'answers-far-future',
  version: '1',
  title: 'Hostile',
  summary: 'Answers an instant after all instants.',
  config: z.strictObject({}),
  dormancy() {
    return { warnAt: null, holdAt: null, expireAt: 1e300, reason: { code: 'FINE', sentence: 'All is well.' } };
  },
});
