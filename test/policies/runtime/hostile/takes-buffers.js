import { definePolicy, z } from '#policy';

export default definePolicy({
  name: 'takes-buffers',
  version: '1',
  title: 'Hostile',
  summary: 'Takes memory that lies outside the heap.',
  config: z.strictObject({}),
  dormancy() {
    return new Uint8Array(2 ** 32).fill(1).length;
  },
});
