import { definePolicy, z } from '#policy';

export default definePolicy({
  name: 'fetches',
  version: '1',
  title: 'Hostile',
  summary: 'Asks the network.',
  config: z.strictObject({}),
  dormancy() {
    return fetch('http://127.0.0.1:9/');
  },
});
