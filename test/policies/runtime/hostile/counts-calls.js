import { definePolicy, z } from '#policy';

let calls = 0;

export default definePolicy({
  name: 'counts-calls',
  version: '1',
  title: 'Hostile',
  summary: 'Says something else each time.',
  config: z.strictObject({}),
  dormancy(_facts, _config, moment) {
    calls += 1;
    return { warnAt: null, holdAt: null, expireAt: moment + calls, reason: { code: 'FINE', sentence: 'All is well.' } };
  },
});
