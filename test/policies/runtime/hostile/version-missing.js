import { definePolicy, z } from '#policy';

export default definePolicy({
  name: 'version-missing',
  title: 'Hostile',
  summary: 'Has no version.',
  config: z.strictObject({}),
  dormancy: () => ({ warnAt: null, holdAt: null, expireAt: null, reason: { code: 'FINE', sentence: 'All is well.' } }),
});
