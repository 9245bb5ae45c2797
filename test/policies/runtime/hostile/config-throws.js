import { definePolicy, z } from '#policy';

export default definePolicy({
  name: 'config-throws',
  version: '1',
  title: 'Hostile',
  summary: 'Has a schema that throws.',
  config: z.unknown().refine(() => {
    throw new Error('not today');
  }),
  dormancy() {
    return { warnAt: null, holdAt: null, expireAt: null, reason: { code: 'FINE', sentence: 'All is well.' } };
  },
});
