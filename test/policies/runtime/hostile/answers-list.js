import { definePolicy, z } from '#policy';

export default definePolicy({
  name: 'answers-list',
  version: '1',
  title: 'Hostile',
  summary: 'Answers a list.',
  config: z.strictObject({}),
  dormancy() {
    return [];
  },
});
