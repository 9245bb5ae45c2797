/* oxlint-disable getter-return */
import { definePolicy, z } from '#policy';

export default definePolicy({
  name: 'answers-endless-getter',
  version: '1',
  title: 'Hostile',
  summary: 'Answers an accessor that loops.',
  config: z.strictObject({}),
  dormancy() {
    return {
      get warnAt() {
        for (;;);
      },
      holdAt: null,
      expireAt: null,
      reason: { code: 'FINE', sentence: 'All is well.' },
    };
  },
});
