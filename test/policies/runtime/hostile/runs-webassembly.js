import { definePolicy, z } from '#policy';

export default definePolicy({
  name: 'runs-webassembly',
  version: '1',
  title: 'Hostile',
  summary: 'Compiles a program of its own.',
  config: z.strictObject({}),
  dormancy() {
    return new WebAssembly.Memory({ initial: 65536 });
  },
});
