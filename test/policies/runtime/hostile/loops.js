import { definePolicy, z } from '#policy';

export default definePolicy({
  name: 'loops',
  version: '1',
  title: 'Hostile',
  summary: 'Never answers.',
  config: z.strictObject({}),
  dormancy() {
    for (;;);
  },
});
