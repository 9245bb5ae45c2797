import { definePolicy, z } from '#policy';

export default definePolicy({
  name: 'exits',
  version: '1',
  title: 'Hostile',
  summary: 'Ends the process.',
  config: z.strictObject({}),
  dormancy() {
    process.exit(0);
  },
});
