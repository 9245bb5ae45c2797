import { definePolicy, z } from '#policy';

export default definePolicy({
  name: 'cap-of-its-own',
  version: '1',
  title: 'Hostile',
  summary: 'Ends keys in a way that there is not.',
  config: z.strictObject({}),
  expiry() {
    return { request: null, cap: { at: 1, basis: 'AT_ONCE' }, reason: { code: 'FINE', sentence: 'All is well.' } };
  },
});
