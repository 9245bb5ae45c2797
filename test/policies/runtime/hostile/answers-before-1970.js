import { definePolicy, z } from '#policy';

export default definePolicy({
  name: 'answers-before-1970',
  version: '1',
  title: 'Hostile',
  summary: 'Answers an instant before all instants.',
  config: z.strictObject({}),
  dormancy() {
    return { warnAt: null, holdAt: null, expireAt: -1, reason: { code: 'FINE', sentence: 'All is well.' } };
  },
});
