import { definePolicy, z } from '#policy';

export default definePolicy({
  name: 'sets-timer',
  version: '1',
  title: 'Hostile',
  summary: 'Wants to be called later.',
  config: z.strictObject({}),
  dormancy() {
    setTimeout(() => {}, 1);
    return { warnAt: null, holdAt: null, expireAt: null, reason: { code: 'FINE', sentence: 'All is well.' } };
  },
});
