import { definePolicy, z } from '#policy';

export default definePolicy({
  name: 'window-closes-first',
  version: '1',
  title: 'Hostile',
  summary: 'Closes before it opens.',
  config: z.strictObject({}),
  renewal() {
    return {
      isAllowed: true,
      allowedAt: null,
      mode: 'EXTEND',
      longest: null,
      window: { opensAt: 2, closesAt: 1 },
      graceExtension: null,
      retiresWhenMoved: null,
      reason: { code: 'FINE', sentence: 'All is well.' },
    };
  },
});
