import { definePolicy, z } from '#policy';

export default definePolicy({
  name: 'changes-facts',
  version: '1',
  title: 'Hostile',
  summary: 'Changes what it is told.',
  config: z.strictObject({}),
  dormancy(facts) {
    facts.key.labels.tier = 'gold';
    return { warnAt: null, holdAt: null, expireAt: null, reason: { code: 'FINE', sentence: 'All is well.' } };
  },
});
