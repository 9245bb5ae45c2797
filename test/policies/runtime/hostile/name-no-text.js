import { definePolicy, z } from '#policy';

export default definePolicy({
  name: { toString: () => 'name' },
  version: '1',
  title: 'Hostile',
  summary: 'Has a name that is no text.',
  config: z.strictObject({}),
  dormancy: () => ({ warnAt: null, holdAt: null, expireAt: null, reason: { code: 'FINE', sentence: 'All is well.' } }),
});
