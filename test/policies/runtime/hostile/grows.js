import { definePolicy, z } from '#policy';

export default definePolicy({
  name: 'grows',
  version: '1',
  title: 'Hostile',
  summary: 'Takes all the memory of the heap.',
  config: z.strictObject({}),
  dormancy() {
    const kept = [];
    for (;;) kept.push(Array.from({ length: 1e5 }, (_, index) => `${index}`));
  },
});
