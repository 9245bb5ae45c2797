import { execFile } from 'node:child_process';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import packageJson from '../../package.json' with { type: 'json' };
import { readSettings } from '../../src/settings/settings.ts';
import { checkout } from '../deploy/deploy-files.ts';
import { scratchFolder } from '../support/scratch-folder.ts';
import { codeBlocks, readGuide } from './read-guide.ts';

const guide = readGuide('deploy');

test('deploy guide: the gateway accepts the secrets that it makes for Compose', async () => {
  const [build = '', secrets = ''] = codeBlocks(guide, 'sh');
  expect(build).toContain(`keytide:${packageJson.version}`);
  const folder = scratchFolder();
  // Only root may give a folder to another user.
  const script = process.getuid?.() === 0 ? secrets : secrets.replace('-o 10001 ', '');
  await promisify(execFile)('bash', ['-euo', 'pipefail', '-c', script], { cwd: folder });
  const compose = parse(readFileSync(join(checkout, 'deploy/docker/compose.yaml'), 'utf8'), { merge: true });
  const files = Object.values<{ file: string }>(compose.secrets).map(({ file }) => file.replace('./secrets/', ''));
  expect(readdirSync(join(folder, 'secrets')).toSorted()).toEqual(files.toSorted());
  expect(statSync(join(folder, 'secrets')).mode & 0o777).toBe(0o700);
  const environment = Object.entries<string>(compose.services.gateway.environment)
    .filter(([name]) => name.endsWith('_FILE'))
    .map(([name, path]) => [name, path.replace('/run', folder)]);
  const { databaseUrl } = readSettings(Object.fromEntries(environment));
  const password = readFileSync(join(folder, 'secrets/database-password'), 'utf8').trim();
  expect(new URL(databaseUrl!.reveal())).toMatchObject({ password, hostname: 'database', pathname: '/keytide' });
});

test('deploy guide: the files and the secrets that it names are those of the folder', () => {
  const named = [...guide.matchAll(/^\| `([\w.-]+)` /gm)].map(([, name = '']) => name);
  const files = readdirSync(join(checkout, 'deploy/kubernetes'));
  expect(files).toEqual(expect.arrayContaining(named));
  expect(named.length + 2).toBe(files.length);
  const [, , , kubernetes = ''] = codeBlocks(guide, 'sh');
  const gateway = readFileSync(join(checkout, 'deploy/kubernetes/gateway.yaml'), 'utf8');
  const given = [...kubernetes.matchAll(/--from-file=([\w-]+)/g)].map(([, name]) => name);
  expect(given.toSorted()).toEqual(
    [...gateway.matchAll(/\/run\/secrets\/keytide\/([\w-]+)/g)].map(([, name]) => name).toSorted(),
  );
  const alerts = readFileSync(join(checkout, 'deploy/prometheus/alerts.yaml'), 'utf8');
  expect(guide).toContain(`has ${alerts.match(/- alert:/g)!.length} alerts`);
});
