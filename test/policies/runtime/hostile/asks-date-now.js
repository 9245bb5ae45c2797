import { definePolicy, z } from '#policy';

export default definePolicy({
  name: 'asks-date-now',
  version: '1',
  title: 'Hostile',
  summary: 'Looks at the clock.',
  config: z.strictObject({}),
  dormancy() {
    return Date.now();
  },
});
