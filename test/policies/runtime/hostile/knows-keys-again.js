import { definePolicy, z } from '#policy';

const seen = new Set();

export default definePolicy({
  name: 'knows-keys-again',
  version: '1',
  title: 'Hostile',
  summary: 'Knows the facts that it has seen before.',
  config: z.strictObject({}),
  dormancy(facts) {
    const isKnown = seen.has(facts.key.id);
    seen.add(facts.key.id);
    return {
      warnAt: null,
      holdAt: null,
      expireAt: isKnown ? 1 : 2,
      reason: { code: 'FINE', sentence: 'All is well.' },
    };
  },
});
