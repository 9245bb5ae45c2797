import { definePolicy, z } from '#policy';

export default definePolicy({
  name: 'reads-environment',
  version: '1',
  title: 'Hostile',
  summary: 'Reads the environment.',
  config: z.strictObject({}),
  dormancy() {
    return process.env.PATH;
  },
});
