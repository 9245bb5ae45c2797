import { definePolicy, z } from '#policy';

export default definePolicy({
  name: 'makes-function',
  version: '1',
  title: 'Hostile',
  summary: 'Makes a function from a text.',
  config: z.strictObject({}),
  dormancy() {
    return new Function('return 1')();
  },
});
