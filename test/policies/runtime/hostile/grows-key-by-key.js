import { definePolicy, z } from '#policy';

const kept = [];

export default definePolicy({
  name: 'grows-key-by-key',
  version: '1',
  title: 'Hostile',
  summary: 'Keeps more and more with each key.',
  config: z.strictObject({}),
  dormancy() {
    kept.push(Array.from({ length: 1e5 }, (_, index) => ({ index })));
    return { warnAt: null, holdAt: null, expireAt: null, reason: { code: 'FINE', sentence: 'All is well.' } };
  },
});
