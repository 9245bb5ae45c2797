import { definePolicy, z } from '#policy';

export default definePolicy({
  name: 'title-of-lines',
  version: '1',
  title: 'one\ntwo',
  summary: 'Has a title of two lines.',
  config: z.strictObject({}),
  dormancy: () => ({ warnAt: null, holdAt: null, expireAt: null, reason: { code: 'FINE', sentence: 'All is well.' } }),
});
