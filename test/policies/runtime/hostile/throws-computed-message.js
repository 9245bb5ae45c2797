/* oxlint-disable getter-return */
import { definePolicy, z } from '#policy';

export default definePolicy({
  name: 'throws-computed-message',
  version: '1',
  title: 'Hostile',
  summary: 'Throws an Error whose message never ends.',
  config: z.strictObject({}),
  dormancy() {
    const error = new Error('x');
    Object.defineProperty(error, 'message', {
      get: () => {
        for (;;);
      },
    });
    throw error;
  },
});
