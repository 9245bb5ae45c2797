import { definePolicy, z } from '#policy';

export default definePolicy({
  name: 'answers-date',
  version: '1',
  title: 'Hostile',
  summary: 'Answers a Date.',
  config: z.strictObject({}),
  dormancy(_facts, _config, moment) {
    return {
      warnAt: new Date(moment),
      holdAt: null,
      expireAt: null,
      reason: { code: 'FINE', sentence: 'All is well.' },
    };
  },
});
