import { definePolicy, z } from '#policy';

export default definePolicy({
  name: 'default-out-of-bounds',
  version: '1',
  title: 'Hostile',
  summary: 'Gives by default what may not be asked for.',
  config: z.strictObject({}),
  expiry() {
    return {
      request: { shortest: 1, longest: 2, default: 3 },
      cap: null,
      reason: { code: 'FINE', sentence: 'All is well.' },
    };
  },
});
