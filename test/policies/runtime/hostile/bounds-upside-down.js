import { definePolicy, z } from '#policy';

export default definePolicy({
  name: 'bounds-upside-down',
  version: '1',
  title: 'Hostile',
  summary: 'Lets at least more be asked for than at most.',
  config: z.strictObject({}),
  expiry() {
    return {
      request: { shortest: 2, longest: 1, default: null },
      cap: null,
      reason: { code: 'FINE', sentence: 'All is well.' },
    };
  },
});
