import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { policyChecks, type PolicyCheck } from '../../src/policies/check/policy-checks.ts';
import { scratchFolder } from '../support/scratch-folder.ts';
import { brokenModules } from './broken-modules.ts';
import { runCheck } from './run-check.ts';

const isLong = Boolean(process.env['KEYTIDE_TEST_LONG']);

/** In the short form the first that each check fails for. */
const asked = brokenModules.filter(
  ({ fails }, index) => isLong || brokenModules.findIndex((other) => other.fails.join() === fails.join()) === index,
);

describe('check', () => {
  test.for(asked)('check: a module $is fails its checks', async (broken) => {
    const path = join(scratchFolder(), 'broken.ts');
    writeFileSync(path, broken.code);
    const { status, output, failed } = await runCheck(path);
    expect(failed, output).toEqual(broken.fails);
    expect(output).toContain(broken.says);
    expect(output).toMatch(/checks? failed\.\n$/);
    expect(status).toBe(65);
  });

  test('check: each of the checks fails for some module', () => {
    const failing = new Set(brokenModules.flatMap(({ fails }) => fails));
    expect([...failing].sort()).toEqual((Object.keys(policyChecks) as PolicyCheck[]).sort());
  });

  test('check: a policy may be a folder, import its own files, and call the contract keytide/policy', async () => {
    const folder = join(scratchFolder(), 'folded');
    mkdirSync(folder);
    writeFileSync(join(folder, 'limit.ts'), `import { DAY } from 'keytide/policy';\nexport const limit = 30 * DAY;\n`);
    writeFileSync(
      join(folder, 'index.ts'),
      `import { definePolicy, z } from 'keytide/policy';
       import { limit } from './limit.ts';
       const reason = { code: 'X', sentence: 'A reason.' };
       export default definePolicy({
         name: 'folded', version: '1', title: 'Folded', summary: 'A folder.', config: z.strictObject({}),
         dormancy: ({ use }) => ({ warnAt: use.activeAt + limit, holdAt: null, expireAt: null, reason }),
       });`,
    );
    const { status, output } = await runCheck(folder);
    expect(output).toContain('folded 1, decides dormancy');
    expect(status, output).toBe(0);
  });

  test('check: a policy without an opinion on any key is reported as unchecked', async () => {
    const path = join(scratchFolder(), 'silent.ts');
    const code = (pattern: string) =>
      `import { definePolicy, z, DAY } from '#policy';
       export default definePolicy({
         name: 'silent', version: '1', title: 'Silent', summary: 'Silent.', config: z.strictObject({}),
         dormancy({ key, use }) {
           const warnAt = ${pattern}.test(key.name) ? use.activeAt + DAY : null;
           return { warnAt, holdAt: null, expireAt: null, reason: { code: 'X', sentence: 'A reason.' } };
         },
       });`;
    writeFileSync(path, code('/^qq[0-9]{9}$/'));
    const silent = await runCheck(path);
    expect(silent.output).toContain('  unseen dormancy: it has no opinion on any generated key');
    expect(silent.output).not.toContain('The policy keeps the contract.');
    writeFileSync(path, code('/^ci/'));
    const seen = await runCheck(path);
    expect(seen.output).not.toContain('unseen');
    expect([silent.status, seen.status]).toEqual([0, 0]);
  });

  test('check: a given configuration replaces the examples', async () => {
    const accepted = await runCheck('plugins/unused-expires.ts', '--config', '{"idle":"P2D"}', '--config', '{}');
    expect(accepted.output).toContain('4000 keys: ');
    expect(accepted.status).toBe(0);
    const refused = await runCheck('plugins/unused-expires.ts', '--config', '{"idle":"P1M"}');
    expect(refused.output).toContain('{"idle":"P1M"} is refused: idle: P1M: months and years differ in length');
    expect(refused.failed).toEqual(['configures']);
    expect(refused.status).toBe(65);
  });

  test('check: --json prints the report as JSON', async () => {
    const { output, status } = await runCheck('plugins/unused-expires.ts', '--json', '--config', '{"idle":"P1M"}');
    expect(JSON.parse(output)).toEqual({
      policy: expect.stringContaining('unused-expires'),
      findings: [{ check: 'configures', first: expect.stringContaining('months and years'), count: 1 }],
      keyCount: null,
      status: 65,
    });
    expect(status).toBe(65);
  });

  test('check: a missing module and a wrong command are reported', async () => {
    const missing = await runCheck('plugins/nowhere.ts');
    expect(missing.output).toContain('no module found at plugins/nowhere.ts');
    expect(missing.status).toBe(65);
    const calls: [string[], string][] = [
      [[], 'missing required argument'],
      [['a.ts', 'b.ts'], 'too many arguments'],
      [['a.ts', '--config', '{'], 'expected JSON'],
      [['a.ts', '--loud'], 'unknown option'],
    ];
    for (const [args, said] of calls) {
      const { status, output, complaint } = await runCheck(...args);
      expect(complaint).toContain(said);
      expect([status, output]).toEqual([64, '']);
    }
  });
});
