import { definePolicy, z } from '#policy';

export default definePolicy({
  name: 'signals-parent',
  version: '1',
  title: 'Hostile',
  summary: 'Would signal the gateway, if it could find it.',
  config: z.strictObject({}),
  dormancy() {
    process.kill(process.ppid, 0);
    return { warnAt: null, holdAt: null, expireAt: null, reason: { code: 'FINE', sentence: 'All is well.' } };
  },
});
