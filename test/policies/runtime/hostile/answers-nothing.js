import { definePolicy, z } from '#policy';

export default definePolicy({
  name: 'answers-nothing',
  version: '1',
  title: 'Hostile',
  summary: 'Answers nothing.',
  config: z.strictObject({}),
  dormancy() {},
});
