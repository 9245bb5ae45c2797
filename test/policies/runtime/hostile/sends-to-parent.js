import { definePolicy, z } from '#policy';

export default definePolicy({
  name: 'sends-to-parent',
  version: '1',
  title: 'Hostile',
  summary: 'Answers in the name of the process.',
  config: z.strictObject({}),
  dormancy() {
    process.send({ id: 1, text: '[]' });
    return { warnAt: null, holdAt: null, expireAt: null, reason: { code: 'FINE', sentence: 'All is well.' } };
  },
});
