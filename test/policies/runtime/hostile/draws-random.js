import { definePolicy, z } from '#policy';

export default definePolicy({
  name: 'draws-random',
  version: '1',
  title: 'Hostile',
  summary: 'Throws dice.',
  config: z.strictObject({}),
  dormancy() {
    return Math.random();
  },
});
