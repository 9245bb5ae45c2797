import { definePolicy, z } from '#policy';

export default definePolicy({
  name: 'asks-performance',
  version: '1',
  title: 'Hostile',
  summary: 'Takes the time.',
  config: z.strictObject({}),
  dormancy() {
    return performance.now();
  },
});
