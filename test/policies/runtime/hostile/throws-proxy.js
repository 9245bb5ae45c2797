import { definePolicy, z } from '#policy';

export default definePolicy({
  name: 'throws-proxy',
  version: '1',
  title: 'Hostile',
  summary: 'Throws something that fights back when it is looked at.',
  config: z.strictObject({}),
  dormancy() {
    throw new Proxy(new Error('x'), {
      get: () => {
        for (;;);
      },
      getPrototypeOf: () => {
        for (;;);
      },
    });
  },
});
