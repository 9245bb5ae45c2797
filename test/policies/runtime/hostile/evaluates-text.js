/* oxlint-disable no-eval */
import { definePolicy, z } from '#policy';

export default definePolicy({
  name: 'evaluates-text',
  version: '1',
  title: 'Hostile',
  summary: 'Runs a text as program.',
  config: z.strictObject({}),
  dormancy() {
    return (0, eval)('1');
  },
});
