import { definePolicy, z } from '#policy';

export default definePolicy({
  name: 'n'.repeat(41),
  version: '1',
  title: 'Hostile',
  summary: 'Has a name that is too long.',
  config: z.strictObject({}),
  dormancy: () => ({ warnAt: null, holdAt: null, expireAt: null, reason: { code: 'FINE', sentence: 'All is well.' } }),
});
