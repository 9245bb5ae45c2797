import { definePolicy, z } from '#policy';

export default definePolicy({
  name: 'asks-new-date',
  version: '1',
  title: 'Hostile',
  summary: 'Looks at the calendar.',
  config: z.strictObject({}),
  dormancy() {
    return new Date().getTime();
  },
});
