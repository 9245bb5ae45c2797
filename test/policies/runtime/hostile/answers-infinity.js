import { definePolicy, z } from '#policy';

export default definePolicy({
  name: 'answers-infinity',
  version: '1',
  title: 'Hostile',
  summary: 'Answers infinity.',
  config: z.strictObject({}),
  dormancy() {
    return { warnAt: null, holdAt: null, expireAt: Infinity, reason: { code: 'FINE', sentence: 'All is well.' } };
  },
});
