import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };
import clientPackageJson from '../../packages/client/package.json' with { type: 'json' };
import { exitStatus } from '../../src/cli/exit-status.ts';
import { COMMAND, runCommand } from '../support/command.ts';
import { scratchFolder } from '../support/scratch-folder.ts';

const folder = join(COMMAND, '..');
const programs = ['keytide.ts', 'keytide-client.ts'];

test('command: on an old Node it says so in one sentence and ends with 78', async () => {
  const preload = "data:text/javascript,Object.defineProperty(process,'versions',{value:{node:'20.20.2'}})";
  const run = await runCommand(['renew'], { home: scratchFolder(), node: ['--import', preload] });
  expect(run).toMatchObject({
    status: 78,
    stdout: '',
    stderr: 'keytide: found Node 20.20.2; expected Node 24 or later.\n',
  });
  expect(exitStatus.CONFIG).toBe(78);
});

test('command: both packages start with a program that an old Node understands', () => {
  const bins = [packageJson, clientPackageJson].map(({ bin }) => bin.keytide.replace('./dist/src/cli/', ''));
  expect(bins).toEqual(programs.map((program) => program.replace('.ts', '.js')));
  expect(packageJson.engines.node).toBe('>=24');
  const built = scratchFolder();
  writeFileSync(join(built, 'package.json'), '{ "type": "module" }');
  for (const file of [...programs, 'refuse-old-node.ts']) {
    const source = readFileSync(join(folder, file), 'utf8');
    // Nothing else is loaded before the check.
    expect([...source.matchAll(/^import .* from '(.*)';$/gm)].map(([, path]) => path)).toEqual(
      programs.includes(file) ? ['./refuse-old-node.ts'] : [],
    );
    writeFileSync(join(built, file.replace('.ts', '.js')), stripTypeScriptTypes(source).replaceAll(/\.ts'/g, ".js'"));
  }
  // The machine's own Node, where it is an old one.
  const machine = spawnSync('/usr/bin/node', ['--version'], { encoding: 'utf8' }).stdout ?? '';
  const isOld = Number(/^v(\d+)/.exec(machine)?.[1] ?? 24) < 24;
  for (const program of isOld ? programs : []) {
    const { status, stderr } = spawnSync('/usr/bin/node', [join(built, program.replace('.ts', '.js'))], {
      encoding: 'utf8',
    });
    expect([status, stderr]).toEqual([
      78,
      `keytide: found Node ${machine.trim().slice(1)}; expected Node 24 or later.\n`,
    ]);
  }
});
