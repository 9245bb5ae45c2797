import { definePolicy, z } from '#policy';

export default definePolicy({
  name: 'answers-to-json',
  version: '1',
  title: 'Hostile',
  summary: 'Answers something that turns into something else.',
  config: z.strictObject({}),
  dormancy() {
    return { toJSON: () => ({}), reason: { code: 'FINE', sentence: 'All is well.' } };
  },
});
