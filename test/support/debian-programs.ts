import { execFile } from 'node:child_process';
import { hash } from 'node:crypto';
import { existsSync, globSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const cache = fileURLToPath(new URL('../../node_modules/.cache/debian', import.meta.url));

interface DebianProgram {
  /** Packages to unpack, with the upstream version that tests were written for. */
  readonly packages: Readonly<Record<string, string>>;
  /** Path of the program in the packages. */
  readonly path: string;
}

/** Programs of other projects that tests of the slow tier run, from the packages of Debian 12. */
const programs = {
  promtool: { packages: { prometheus: '2.42.0' }, path: 'usr/bin/promtool' },
  nginx: { packages: { nginx: '1.22.1' }, path: 'usr/sbin/nginx' },
  caddy: { packages: { caddy: '2.6.2' }, path: 'usr/bin/caddy' },
  haproxy: {
    packages: {
      haproxy: '2.6.12',
      'liblua5.3-0': '5.3.6',
      'libopentracing-c-wrapper0': '1.1.3',
      libopentracing1: '1.6.0',
    },
    path: 'usr/sbin/haproxy',
  },
  bwrap: { packages: { bubblewrap: '0.8.0' }, path: 'usr/bin/bwrap' },
  'systemd-analyze': { packages: { systemd: '252', 'libsystemd-shared': '252' }, path: 'usr/bin/systemd-analyze' },
  pgbouncer: { packages: { pgbouncer: '1.18.0', 'libc-ares2': '1.18.1' }, path: 'usr/sbin/pgbouncer' },
} as const satisfies Record<string, DebianProgram>;

/**
 * Index files of the archive, and downloads: below the checkout, so that nothing of the machine is changed, and in a
 * folder of their own, because apt locks it and test files run at the same time.
 */
const optionsFor = (folder: string) =>
  [
    `Dir::State::Lists=${join(folder, 'lists')}`,
    `Dir::Cache=${join(folder, 'archives')}`,
    'APT::Sandbox::User=root',
  ].flatMap((option) => ['-o', option]);

/**
 * Returns the path of a program. Downloads and unpacks its packages below node_modules/.cache at the first call.
 *
 * Throws, and so fails the test, when the machine has no apt, the archive cannot be reached, or it has another upstream
 * version than the one that the tests were written for.
 */
export async function findDebianProgram(name: keyof typeof programs): Promise<string> {
  const { packages, path }: DebianProgram = programs[name];
  const folder = join(cache, `${name}-${hash('sha256', JSON.stringify(packages)).slice(0, 12)}`);
  if (!existsSync(folder)) {
    const partial = `${folder}.${process.pid}`;
    mkdirSync(partial, { recursive: true });
    try {
      await unpack(packages, partial);
      if (!existsSync(folder)) renameSync(partial, folder);
    } catch (error) {
      throw new Error(`${name}, which this test needs, cannot be had from Debian's packages. ${String(error)}`, {
        cause: error,
      });
    } finally {
      rmSync(partial, { recursive: true, force: true });
    }
  }
  return join(folder, path);
}

async function unpack(packages: DebianProgram['packages'], folder: string): Promise<void> {
  const options = optionsFor(folder);
  for (const name of ['lists', 'archives']) mkdirSync(join(folder, name, 'partial'), { recursive: true });
  await run('apt-get', ['update', '-qq', ...options]);
  for (const [name, version] of Object.entries(packages)) {
    const { stdout } = await run('apt-cache', ['policy', name, ...options]);
    const [, candidate = 'none'] = /Candidate: (\S+)/.exec(stdout) ?? [];
    if (!candidate.replace(/^\d+:/, '').startsWith(version)) {
      throw new Error(`Package ${name}: found version ${candidate}; expected ${version}.`);
    }
    await run('apt-get', ['download', `${name}=${candidate}`, ...options], { cwd: folder });
  }
  for (const file of globSync(join(folder, '*.deb'))) {
    await run('dpkg-deb', ['-x', file, folder]);
    rmSync(file);
  }
  for (const name of ['lists', 'archives']) rmSync(join(folder, name), { recursive: true });
}
