import { definePolicy, z } from '#policy';

export default definePolicy({
  name: 'waits-on-memory',
  version: '1',
  title: 'Hostile',
  summary: 'Waits without using a processor.',
  config: z.strictObject({}),
  dormancy() {
    return Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  },
});
