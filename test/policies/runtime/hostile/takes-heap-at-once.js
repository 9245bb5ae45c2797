import { definePolicy, z } from '#policy';

export default definePolicy({
  name: 'takes-heap-at-once',
  version: '1',
  title: 'Hostile',
  summary: 'Takes twice the heap at once.',
  config: z.strictObject({}),
  dormancy(_facts, _config, moment) {
    return Array.from({ length: 64 }, () => Array(2 ** 20).fill(moment + 0.5)).length;
  },
});
