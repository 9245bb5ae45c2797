import { definePolicy, z } from '#policy';

export default definePolicy({
  name: 'answers-too-much',
  version: '1',
  title: 'Hostile',
  summary: 'Answers a member that no verdict has.',
  config: z.strictObject({}),
  dormancy() {
    return {
      warnAt: null,
      holdAt: null,
      expireAt: null,
      deleteAt: 0,
      reason: { code: 'FINE', sentence: 'All is well.' },
    };
  },
});
