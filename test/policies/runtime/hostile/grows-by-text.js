import { definePolicy, z } from '#policy';

export default definePolicy({
  name: 'grows-by-text',
  version: '1',
  title: 'Hostile',
  summary: 'Makes texts larger than memory.',
  config: z.strictObject({}),
  dormancy() {
    const kept = [];
    for (let size = 0; ; size += 1) kept.push(`${size}`.padEnd(2 ** 26, `${size}`));
  },
});
