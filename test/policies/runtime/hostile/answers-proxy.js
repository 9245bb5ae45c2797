import { definePolicy, z } from '#policy';

export default definePolicy({
  name: 'answers-proxy',
  version: '1',
  title: 'Hostile',
  summary: 'Answers a Proxy.',
  config: z.strictObject({}),
  dormancy() {
    return new Proxy(
      { warnAt: null, holdAt: null, expireAt: null, reason: { code: 'FINE', sentence: 'All is well.' } },
      {},
    );
  },
});
