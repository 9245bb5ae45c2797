import { definePolicy, z } from '#policy';

export default definePolicy({
  name: 'config-promises',
  version: '1',
  title: 'Hostile',
  summary: 'Has a schema that answers later.',
  config: z.unknown().refine(async () => true),
  dormancy() {
    return { warnAt: null, holdAt: null, expireAt: null, reason: { code: 'FINE', sentence: 'All is well.' } };
  },
});
