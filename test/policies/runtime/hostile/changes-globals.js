import { definePolicy, z } from '#policy';

export default definePolicy({
  name: 'changes-globals',
  version: '1',
  title: 'Hostile',
  summary: 'Leaves something for others on the global object.',
  config: z.strictObject({}),
  dormancy() {
    globalThis.left = 1;
    return { warnAt: null, holdAt: null, expireAt: null, reason: { code: 'FINE', sentence: 'All is well.' } };
  },
});
