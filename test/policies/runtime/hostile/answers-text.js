import { definePolicy, z } from '#policy';

export default definePolicy({
  name: 'answers-text',
  version: '1',
  title: 'Hostile',
  summary: 'Answers a text.',
  config: z.strictObject({}),
  dormancy() {
    return 'never';
  },
});
