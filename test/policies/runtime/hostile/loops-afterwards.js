import { definePolicy, z } from '#policy';

export default definePolicy({
  name: 'loops-afterwards',
  version: '1',
  title: 'Hostile',
  summary: 'Answers, and leaves a loop for later.',
  config: z.strictObject({}),
  dormancy() {
    void Promise.resolve().then(() => {
      for (;;);
    });
    return { warnAt: null, holdAt: null, expireAt: null, reason: { code: 'FINE', sentence: 'All is well.' } };
  },
});
