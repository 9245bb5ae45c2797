import { definePolicy, z } from '#policy';

export default definePolicy({
  name: 'draws-crypto',
  version: '1',
  title: 'Hostile',
  summary: 'Throws better dice.',
  config: z.strictObject({}),
  dormancy() {
    return crypto.randomUUID();
  },
});
