import { definePolicy, z } from '#policy';

export default definePolicy({
  name: 'imports-while-asked',
  version: '1',
  title: 'Hostile',
  summary: 'Imports something while it is asked.',
  config: z.strictObject({}),
  dormancy() {
    return import('#policy');
  },
});
