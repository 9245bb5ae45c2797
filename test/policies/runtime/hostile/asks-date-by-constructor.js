import { definePolicy, z } from '#policy';

export default definePolicy({
  name: 'asks-date-by-constructor',
  version: '1',
  title: 'Hostile',
  summary: 'Looks at the calendar by the back door.',
  config: z.strictObject({}),
  dormancy() {
    return new new Date(0).constructor();
  },
});
