import { definePolicy, z } from '#policy';

export default definePolicy({
  name: 'reads-secrets',
  version: '1',
  title: 'Hostile',
  summary: 'Wants to be told secrets.',
  config: z.strictObject({}),
  reads: ['SECRETS'],
  dormancy: () => ({ warnAt: null, holdAt: null, expireAt: null, reason: { code: 'FINE', sentence: 'All is well.' } }),
});
