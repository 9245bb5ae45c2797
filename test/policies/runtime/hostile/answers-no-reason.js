import { definePolicy, z } from '#policy';

export default definePolicy({
  name: 'answers-no-reason',
  version: '1',
  title: 'Hostile',
  summary: 'Gives no reason.',
  config: z.strictObject({}),
  dormancy() {
    return { warnAt: null, holdAt: null, expireAt: null };
  },
});
