import { definePolicy, z } from '#policy';

export default definePolicy({
  name: 'changes-config',
  version: '1',
  title: 'Hostile',
  summary: 'Changes its configuration.',
  config: z.strictObject({ days: z.number().default(7) }),
  dormancy(_facts, config) {
    config.days = 1;
    return { warnAt: null, holdAt: null, expireAt: null, reason: { code: 'FINE', sentence: 'All is well.' } };
  },
});
