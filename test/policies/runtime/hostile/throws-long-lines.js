import { definePolicy, z } from '#policy';

export default definePolicy({
  name: 'throws-long-lines',
  version: '1',
  title: 'Hostile',
  summary: 'Throws many lines with what looks like a secret and a path.',
  config: z.strictObject({}),
  dormancy() {
    const secret = `kt_${'Ab1'.repeat(16)}x`;
    throw new Error(`first\nsecond\u0000third \u2028 ${secret} ${import.meta.url} ${'long '.repeat(1000)}`);
  },
});
