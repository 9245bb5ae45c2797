import { definePolicy, z } from '#policy';

export default definePolicy({
  name: 'throws-undefined',
  version: '1',
  title: 'Hostile',
  summary: 'Throws nothing at all.',
  config: z.strictObject({}),
  dormancy() {
    throw undefined;
  },
});
