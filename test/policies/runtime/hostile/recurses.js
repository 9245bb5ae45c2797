import { definePolicy, z } from '#policy';

export default definePolicy({
  name: 'recurses',
  version: '1',
  title: 'Hostile',
  summary: 'Calls itself without end.',
  config: z.strictObject({}),
  dormancy() {
    const deeper = () => deeper() + 1;
    return deeper();
  },
});
