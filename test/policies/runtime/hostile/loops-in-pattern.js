import { definePolicy, z } from '#policy';

export default definePolicy({
  name: 'loops-in-pattern',
  version: '1',
  title: 'Hostile',
  summary: 'Tries a pattern that takes longer than the universe lasts.',
  config: z.strictObject({}),
  dormancy() {
    return /^(a+)+$/.test(`${'a'.repeat(64)}!`);
  },
});
