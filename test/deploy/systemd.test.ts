import { execFile } from 'node:child_process';
import { chmodSync, cpSync, globSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { EXIT_STATUS_SETTINGS } from '../../src/settings/settings.ts';
import { findDebianProgram } from '../support/debian-programs.ts';
import { scratchFolder } from '../support/scratch-folder.ts';
import { checkEnvironment, deployFolder, findDeployFiles, program, readDeployFile } from './deploy-files.ts';

const units = findDeployFiles('systemd/*').map((path) => path.replace('systemd/', ''));
const services = units.filter((name) => name.endsWith('.service'));

/** The most exposure that a service may have, of 10, by `systemd-analyze security`. */
const EXPOSURE_MAX = 1.5;

/** Returns the values of a key in a unit, in their order. */
const valuesOf = (unit: string, key: string) =>
  [...readDeployFile(`systemd/${unit}`).matchAll(new RegExp(`^${key}=(.*)$`, 'gm'))].map(([, value]) => value!);

/** Runs systemd-analyze on a machine that has only the units and what they start. */
async function analyze(words: readonly string[], change: (root: string) => void = () => undefined) {
  const path = await findDebianProgram('systemd-analyze');
  const root = scratchFolder();
  const folder = join(root, 'etc/systemd/system');
  mkdirSync(folder, { recursive: true });
  cpSync(join(deployFolder, 'systemd'), folder, { recursive: true });
  for (const file of ['usr/bin/node', 'bin/sh']) {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), '');
    chmodSync(join(root, file), 0o755);
  }
  change(root);
  const [libraries = ''] = globSync(join(path, '../../lib/*-linux-gnu/systemd'));
  const env = { PATH: process.env['PATH'], LD_LIBRARY_PATH: libraries };
  return promisify(execFile)(path, [...words, `--root=${root}`], { env }).then(
    ({ stdout, stderr }) => ({ status: 0, stdout, stderr }),
    ({ code, stdout, stderr }) => ({ status: code as number, stdout: String(stdout), stderr: String(stderr) }),
  );
}

test('systemd: systemd-analyze finds nothing wrong with the units', async () => {
  expect(units).toEqual(['keytide-backup.service', 'keytide-backup.timer', 'keytide.service']);
  const words = ['verify', '--man=no', '--recursive-errors=no', ...units];
  expect(await analyze(words)).toEqual({ status: 0, stdout: '', stderr: '' });
  const misspelled = await analyze(words, (root) => {
    const unit = readDeployFile('systemd/keytide.service').replace('RestrictNamespaces', 'RestrictNamespace');
    writeFileSync(join(root, 'etc/systemd/system/keytide.service'), unit);
  });
  expect(misspelled.stderr).toContain("Unknown key 'RestrictNamespace'");
});

test.each(services)('systemd: %s has an exposure of at most 1.5 of 10', async (unit) => {
  const words = ['security', '--offline=true', `--threshold=${EXPOSURE_MAX * 10}`, '--no-pager', unit];
  const { status, stdout } = await analyze(words);
  expect([status, stdout]).toEqual([0, expect.stringContaining('Overall exposure level')]);
});

test.each(services)('systemd: %s runs the program of the package, and the gateway accepts its settings', (unit) => {
  expect(valuesOf(unit, 'ExecStart')[0]).toContain(`/usr/bin/node /opt/keytide/node_modules/keytide/${program} `);
  const env = Object.fromEntries(
    valuesOf(unit, 'Environment').flatMap((line) =>
      line.split(' ').map((entry) => entry.split('=') as [string, string]),
    ),
  );
  expect(checkEnvironment(env)).toEqual([]);
  const credentials = valuesOf(unit, 'LoadCredential').map((line) => line.split(':')[0]);
  const files = Object.entries(env)
    .filter(([name]) => name.endsWith('_FILE'))
    .map(([, path]) => path);
  expect(files).toEqual(credentials.map((name) => `%d/${name}`));
});

test('systemd: a wrong setting is not tried again, and a drain is not cut short', () => {
  expect(valuesOf('keytide.service', 'RestartPreventExitStatus')).toEqual([String(EXIT_STATUS_SETTINGS)]);
  expect(Number(valuesOf('keytide.service', 'TimeoutStopSec')[0])).toBeGreaterThan(25);
});
