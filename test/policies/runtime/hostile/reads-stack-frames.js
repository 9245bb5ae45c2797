import { definePolicy, z } from '#policy';

export default definePolicy({
  name: 'reads-stack-frames',
  version: '1',
  title: 'Hostile',
  summary: 'Looks for other functions on the stack.',
  config: z.strictObject({}),
  dormancy() {
    Error.prepareStackTrace = (_, frames) => frames.map((frame) => frame.getFunction());
    return new Error('x').stack;
  },
});
