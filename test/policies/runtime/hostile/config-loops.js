import { definePolicy, z } from '#policy';

export default definePolicy({
  name: 'config-loops',
  version: '1',
  title: 'Hostile',
  summary: 'Has a schema that loops.',
  config: z.unknown().refine(() => {
    for (;;);
  }),
  dormancy() {
    return { warnAt: null, holdAt: null, expireAt: null, reason: { code: 'FINE', sentence: 'All is well.' } };
  },
});
