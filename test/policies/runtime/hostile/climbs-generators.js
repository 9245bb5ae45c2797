import { definePolicy, z } from '#policy';

export default definePolicy({
  name: 'climbs-generators',
  version: '1',
  title: 'Hostile',
  summary: 'Makes a generator by the back door.',
  config: z.strictObject({}),
  dormancy() {
    return function* () {}.constructor('yield 1')().next();
  },
});
