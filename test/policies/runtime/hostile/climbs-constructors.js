import { definePolicy, z } from '#policy';

export default definePolicy({
  name: 'climbs-constructors',
  version: '1',
  title: 'Hostile',
  summary: 'Makes a function by the back door.',
  config: z.strictObject({}),
  dormancy(facts) {
    return facts.constructor.constructor('return process')();
  },
});
