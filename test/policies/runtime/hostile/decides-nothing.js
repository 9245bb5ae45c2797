import { definePolicy, z } from '#policy';

export default definePolicy({
  name: 'decides-nothing',
  version: '1',
  title: 'Hostile',
  summary: 'Has no function.',
  config: z.strictObject({}),
});
