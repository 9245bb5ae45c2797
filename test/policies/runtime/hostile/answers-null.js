import { definePolicy, z } from '#policy';

export default definePolicy({
  name: 'answers-null',
  version: '1',
  title: 'Hostile',
  summary: 'Answers null.',
  config: z.strictObject({}),
  dormancy() {
    return null;
  },
});
