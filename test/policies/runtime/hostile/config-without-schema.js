import { definePolicy, z } from '#policy';

export default definePolicy({
  name: 'config-without-schema',
  version: '1',
  title: 'Hostile',
  summary: 'Has a configuration that no JSON Schema tells.',
  config: z.date(),
  dormancy: () => ({ warnAt: null, holdAt: null, expireAt: null, reason: { code: 'FINE', sentence: 'All is well.' } }),
});
