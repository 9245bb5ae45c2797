import { definePolicy, z } from '#policy';

export default definePolicy({
  name: 'function-no-function',
  version: '1',
  title: 'Hostile',
  summary: 'Has something else than a function.',
  config: z.strictObject({}),
  dormancy: {},
});
