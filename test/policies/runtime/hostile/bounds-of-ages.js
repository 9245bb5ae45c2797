import { definePolicy, z } from '#policy';

export default definePolicy({
  name: 'bounds-of-ages',
  version: '1',
  title: 'Hostile',
  summary: 'Lets a thousand million years be asked for.',
  config: z.strictObject({}),
  expiry() {
    return {
      request: { shortest: 0, longest: 1e9 * 365 * 86_400_000, default: null },
      cap: null,
      reason: { code: 'FINE', sentence: 'All is well.' },
    };
  },
});
