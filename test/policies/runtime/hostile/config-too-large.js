import { definePolicy, z } from '#policy';

export default definePolicy({
  name: 'config-too-large',
  version: '1',
  title: 'Hostile',
  summary: 'Has a configuration that fills a book.',
  config: z.enum(Array.from({ length: 1e4 }, (_, index) => `level-${index}`)),
  dormancy: () => ({ warnAt: null, holdAt: null, expireAt: null, reason: { code: 'FINE', sentence: 'All is well.' } }),
});
