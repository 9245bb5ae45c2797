import { definePolicy, z } from '#policy';

export default definePolicy({
  name: 'misspelled-function',
  version: '1',
  title: 'Hostile',
  summary: 'Has a function that nobody calls.',
  config: z.strictObject({}),
  dormacy: () => ({ warnAt: null, holdAt: null, expireAt: null, reason: { code: 'FINE', sentence: 'All is well.' } }),
});
