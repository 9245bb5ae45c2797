import { definePolicy, z } from '#policy';

export default definePolicy({
  name: 'answers-many-members',
  version: '1',
  title: 'Hostile',
  summary: 'Answers ten thousand members.',
  config: z.strictObject({}),
  dormancy() {
    return Object.fromEntries(Array.from({ length: 1e4 }, (_, index) => [`m${index}`, 0]));
  },
});
