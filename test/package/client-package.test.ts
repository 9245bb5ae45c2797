import { execFile } from 'node:child_process';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { clientCommands } from '../../src/cli/command-table.ts';
import { startedDatabase } from '../support/database.ts';
import { openGateway } from '../support/gateway.ts';
import { ISSUE_KEY } from '../support/operations.ts';
import { scratchFolder } from '../support/scratch-folder.ts';

const checkout = fileURLToPath(new URL('../..', import.meta.url));
const MAX_BYTES = 15_000_000;

async function run(folder: string, program: string, ...args: string[]): Promise<string> {
  const PATH = [dirname(process.execPath), process.env['PATH']].join(delimiter);
  const [config, state] = ['config', 'state'].map((name) => join(folder, name));
  const env = { ...process.env, PATH, XDG_CONFIG_HOME: config, XDG_STATE_HOME: state };
  const { stdout } = await promisify(execFile)(program, args, { cwd: folder, env });
  return stdout;
}

/** Makes a folder in which only the package `@keytide/client` is installed, from its tarball. */
async function installClient(): Promise<string> {
  const folder = scratchFolder();
  await run(checkout, 'npm', 'pack', '--workspace', 'packages/client', '--pack-destination', folder);
  const tarball = readdirSync(folder).find((name) => name.endsWith('.tgz'))!;
  writeFileSync(join(folder, 'package.json'), '{ "private": true, "type": "module" }');
  await run(folder, 'npm', 'install', '--no-audit', '--no-fund', '--prefer-offline', `./${tarball}`);
  return folder;
}

function sizeOf(folder: string): number {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return files.reduce((sum, { parentPath, name }) => sum + statSync(join(parentPath, name)).size, 0);
}

test(
  'client package: it takes less than 15 MB, keeps and rotates a key, and exports the client',
  { timeout: 240_000 },
  async () => {
    const folder = await installClient();
    expect(sizeOf(join(folder, 'node_modules'))).toBeLessThan(MAX_BYTES);

    const gateway = await openGateway({ database: await startedDatabase() });
    const scopes = [{ action: 'package:push', resource: '**' }];
    const input = { realm: 'default', name: 'release', scopes, lifetime: 'P90D' };
    const { secret } = (await gateway.ask(ISSUE_KEY, { input }, await gateway.admin())).data['issueKey'];
    const secretFile = join(folder, 'secret');
    writeFileSync(secretFile, secret, { mode: 0o600 });

    const keytide = (...args: string[]) => run(folder, join(folder, 'node_modules', '.bin', 'keytide'), ...args);
    await keytide('keep', 'release', '--url', gateway.url, '--secret-file', secretFile, '--proof', 'accepted');
    const renewed = JSON.parse(await keytide('renew', 'release', '--rotate', '--json'));
    expect(renewed).toMatchObject({ keys: [{ name: 'release', outcome: 'ROTATED' }] });
    expect(readFileSync(secretFile, 'utf8').trim()).not.toBe(secret);

    const help = await keytide('--help');
    for (const { name } of clientCommands) expect(help).toContain(`\n  ${name} `);
    expect(help).not.toMatch(/^ {2}(serve|check-policy) /m);

    writeFileSync(
      join(folder, 'uses.mjs'),
      `import { readFileSync } from 'node:fs';
       import { openClient } from '@keytide/client';
       const client = openClient({ url: process.argv[2], credential: () => readFileSync('secret', 'utf8').trim() });
       console.log((await client.ownKey()).name);`,
    );
    expect(await run(folder, process.execPath, 'uses.mjs', gateway.url)).toBe('release\n');
  },
);

test('client package: its version and its dependencies are those of keytide', () => {
  const [own, whole] = ['packages/client/package.json', 'package.json'].map((path) =>
    JSON.parse(readFileSync(join(checkout, path), 'utf8')),
  );
  expect(own.version).toBe(whole.version);
  expect(Object.keys(own.dependencies).length).toBeGreaterThan(0);
  expect(whole.dependencies).toMatchObject(own.dependencies);
});
