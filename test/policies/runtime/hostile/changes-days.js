import { definePolicy, z } from '#policy';

export default definePolicy({
  name: 'changes-days',
  version: '1',
  title: 'Hostile',
  summary: 'Sorts the days that it is told.',
  config: z.strictObject({}),
  dormancy(facts) {
    facts.use.days.push(1);
    return { warnAt: null, holdAt: null, expireAt: null, reason: { code: 'FINE', sentence: 'All is well.' } };
  },
});
