import { definePolicy, z } from '#policy';

export default definePolicy({
  name: 'finds-builtins',
  version: '1',
  title: 'Hostile',
  summary: 'Asks for built-in modules.',
  config: z.strictObject({}),
  dormancy() {
    return globalThis.process.getBuiltinModule('fs').readFileSync('/etc/passwd', 'utf8');
  },
});
