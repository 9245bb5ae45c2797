import { definePolicy, z } from '#policy';

export default definePolicy({
  name: 'throws-error',
  version: '1',
  title: 'Hostile',
  summary: 'Throws an Error.',
  config: z.strictObject({}),
  dormancy() {
    throw new Error('on purpose');
  },
});
