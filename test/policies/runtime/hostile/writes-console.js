/* oxlint-disable no-console */
import { definePolicy, z } from '#policy';

export default definePolicy({
  name: 'writes-console',
  version: '1',
  title: 'Hostile',
  summary: 'Writes to the console.',
  config: z.strictObject({}),
  dormancy(facts) {
    console.log(facts);
    return { warnAt: null, holdAt: null, expireAt: null, reason: { code: 'FINE', sentence: 'All is well.' } };
  },
});
