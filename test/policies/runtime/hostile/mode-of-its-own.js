import { definePolicy, z } from '#policy';

export default definePolicy({
  name: 'mode-of-its-own',
  version: '1',
  title: 'Hostile',
  summary: 'Renews in a way that there is not.',
  config: z.strictObject({}),
  renewal() {
    return {
      isAllowed: true,
      allowedAt: null,
      mode: 'REPLACE',
      longest: null,
      window: null,
      graceExtension: null,
      retiresWhenMoved: null,
      reason: { code: 'FINE', sentence: 'All is well.' },
    };
  },
});
