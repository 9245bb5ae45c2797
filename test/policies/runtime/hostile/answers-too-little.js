import { definePolicy, z } from '#policy';

export default definePolicy({
  name: 'answers-too-little',
  version: '1',
  title: 'Hostile',
  summary: 'Leaves a member out.',
  config: z.strictObject({}),
  dormancy() {
    return { warnAt: null, reason: { code: 'FINE', sentence: 'All is well.' } };
  },
});
