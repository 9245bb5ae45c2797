import { definePolicy, z } from '#policy';

export default definePolicy({
  name: 'answers-fraction',
  version: '1',
  title: 'Hostile',
  summary: 'Answers half a millisecond.',
  config: z.strictObject({}),
  dormancy(_facts, _config, moment) {
    return { warnAt: moment + 0.5, holdAt: null, expireAt: null, reason: { code: 'FINE', sentence: 'All is well.' } };
  },
});
