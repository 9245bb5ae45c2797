import { definePolicy, z } from '#policy';

export default definePolicy({
  name: 'throws-text',
  version: '1',
  title: 'Hostile',
  summary: 'Throws a text.',
  config: z.strictObject({}),
  dormancy() {
    throw 'a text';
  },
});
