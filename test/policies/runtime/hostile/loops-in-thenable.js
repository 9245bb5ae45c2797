/* oxlint-disable unicorn/no-thenable */
import { definePolicy, z } from '#policy';

export default definePolicy({
  name: 'loops-in-thenable',
  version: '1',
  title: 'Hostile',
  summary: 'Hopes that somebody waits for what it answers.',
  config: z.strictObject({}),
  dormancy() {
    return {
      then() {
        for (;;);
      },
    };
  },
});
