import { definePolicy, z } from '#policy';

export default definePolicy({
  name: 'Name In Capitals',
  version: '1',
  title: 'Hostile',
  summary: 'Has a name that is none.',
  config: z.strictObject({}),
  dormancy: () => ({ warnAt: null, holdAt: null, expireAt: null, reason: { code: 'FINE', sentence: 'All is well.' } }),
});
