import { definePolicy, z } from '#policy';

export default definePolicy({
  name: 'summary-too-long',
  version: '1',
  title: 'Hostile',
  summary: 'x'.repeat(501),
  config: z.strictObject({}),
  dormancy: () => ({ warnAt: null, holdAt: null, expireAt: null, reason: { code: 'FINE', sentence: 'All is well.' } }),
});
