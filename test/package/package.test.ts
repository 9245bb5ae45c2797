import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { askAt, startGateway } from '../support/gateway-process.ts';
import { ISSUE_KEY } from '../support/operations.ts';
import { scratchFolder } from '../support/scratch-folder.ts';

const checkout = fileURLToPath(new URL('../..', import.meta.url));
const PATH = [dirname(process.execPath), process.env['PATH']].join(delimiter);

async function run(folder: string, program: string, ...args: string[]): Promise<string> {
  const [config, state] = ['config', 'state'].map((name) => join(folder, name));
  const env = { ...process.env, PATH, XDG_CONFIG_HOME: config, XDG_STATE_HOME: state };
  const { stdout } = await promisify(execFile)(program, args, { cwd: folder, env });
  return stdout;
}

/** Makes a folder in which only the package is installed, from its tarball. */
async function install(): Promise<string> {
  const folder = scratchFolder();
  await run(checkout, 'npm', 'run', 'build');
  // Without scripts, because they would overwrite files that other tests read.
  await run(checkout, 'npm', 'pack', '--ignore-scripts', '--pack-destination', folder);
  const tarball = readdirSync(folder).find((name) => name.endsWith('.tgz'))!;
  writeFileSync(join(folder, 'package.json'), '{ "private": true, "type": "module" }');
  await run(folder, 'npm', 'install', '--no-audit', '--no-fund', '--prefer-offline', `./${tarball}`);
  return folder;
}

/** Finds the documents with what their pages load. */
async function expectDocuments(url: string): Promise<void> {
  const page = await fetch(`${url}/docs/guides/verify`);
  const text = await page.text();
  expect([page.status, text]).toEqual([200, expect.stringContaining('Put Keytide behind your API</h1>')]);
  const assets = [...text.matchAll(/"(\/docs\/assets\/[^"]+)"/g)].map(([, path = '']) => path);
  expect(assets.length).toBe(4);
  for (const path of assets) expect((await fetch(url + path)).status, path).toBe(200);
}

/** Loads the page of the console with the scripts and styles that it names, compressed as browsers accept them. */
async function openConsole(url: string): Promise<void> {
  const page = await fetch(`${url}/keys`);
  const text = await page.text();
  expect([page.status, text]).toEqual([200, expect.stringContaining('<div id="root">')]);
  const assets = [...text.matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g)].map(([, path = '']) => path);
  expect(assets.length).toBeGreaterThan(2);
  for (const asset of assets) {
    const response = await fetch(url + asset, { headers: { 'Accept-Encoding': 'br' } });
    expect([response.status, response.headers.get('content-encoding')], asset).toEqual([200, 'br']);
    expect((await response.text()).length).toBeGreaterThan(100);
  }
}

test(
  'package: installed from its tarball it serves with its policies and its console, and exports its client and types',
  { timeout: 240_000 },
  async () => {
    const folder = await install();
    const password = 'a good long password';
    const settings = { KEYTIDE_DATA_DIR: join(folder, 'data'), KEYTIDE_ADMIN_PASSWORD: password };
    const gateway = await startGateway(folder, settings, 'exec node_modules/.bin/keytide serve');
    expect(gateway.written().stdout).not.toContain('does not load');
    await expectDocuments(gateway.url);
    await openConsole(gateway.url);
    const signIn = 'mutation ($input: SignInInput!) { signIn(input: $input) { ... on SignInSuccess { token } } }';
    const { data } = await askAt(gateway.url, signIn, { input: { email: 'admin@localhost', password } });
    const scopes = [{ action: 'package:push', resource: '**' }];
    const input = { realm: 'default', name: 'release', scopes, lifetime: 'P90D' };
    const issued = await askAt(gateway.url, ISSUE_KEY, { input }, data['signIn'].token);

    const secretFile = join(folder, 'secret');
    const { secret } = issued.data['issueKey'];
    writeFileSync(secretFile, secret, { mode: 0o600 });
    const keytide = (...args: string[]) => run(folder, 'npx', 'keytide', ...args);
    await keytide('keep', 'release', '--url', gateway.url, '--secret-file', secretFile, '--proof', 'accepted');
    expect(JSON.parse(await keytide('renew', 'release', '--rotate', '--json'))).toMatchObject({
      keys: [{ name: 'release', outcome: 'ROTATED' }],
    });
    const rotated = readFileSync(secretFile, 'utf8').trim();
    expect(rotated).not.toBe(secret);

    writeFileSync(
      join(folder, 'mine.ts'),
      `import { DAY, definePolicy, z } from 'keytide/policy';
       export default definePolicy({
         name: 'mine', version: '1.0.0', title: 'Mine', summary: 'Warns.', config: z.strictObject({}),
         dormancy: ({ use }) => ({
           warnAt: use.activeAt + DAY, holdAt: null, expireAt: null, reason: { code: 'IDLE', sentence: 'It is idle.' },
         }),
       });`,
    );
    expect(await keytide('check-policy', 'mine.ts')).toContain('The policy keeps the contract.');

    // The client needs no package that is installed for the gateway.
    const bare = scratchFolder();
    mkdirSync(join(bare, 'node_modules'));
    cpSync(join(folder, 'node_modules', 'keytide'), join(bare, 'node_modules', 'keytide'), { recursive: true });
    writeFileSync(
      join(bare, 'uses.mjs'),
      `import { ClientError, openClient, succeeded } from 'keytide/client';
       const client = openClient({ url: process.env.URL, credential: () => process.env.SECRET });
       const query = 'mutation { confirmRotation(input: {}) { __typename ... on UserError { code message } } }';
       const refused = await client.ask({ query }).then(({ confirmRotation }) => succeeded(confirmRotation)).catch((error) => error);
       console.log((await client.ownKey()).name, refused instanceof ClientError, refused.code);`,
    );
    const { stdout } = await promisify(execFile)(process.execPath, ['uses.mjs'], {
      cwd: bare,
      env: { PATH, URL: gateway.url, SECRET: rotated },
    });
    expect(stdout).toBe('release true ROTATION_NOT_PENDING\n');

    writeFileSync(
      join(folder, 'uses.ts'),
      `import { ClientError, openClient, type Client, type OwnKey } from 'keytide/client';
       import { definePolicy, z } from 'keytide/policy';
       const client: Client = openClient({ url: 'http://127.0.0.1', credential: () => 'secret' });
       export const name: Promise<string> = client.ownKey().then((key: OwnKey) => key.name);
       export const isPassing = (error: unknown): boolean => error instanceof ClientError && error.isPassing;
       export default definePolicy({
         name: 'mine', version: '1.0.0', title: 'Mine', summary: 'Says nothing.', config: z.object({}),
         dormancy: (facts) => ({
           warnAt: facts.use.activeAt, holdAt: null, expireAt: null, reason: { code: 'IDLE', sentence: 'It is idle.' },
         }),
       });`,
    );
    const tsc = join(checkout, 'node_modules', '.bin', 'tsc');
    await run(
      folder,
      tsc,
      '--noEmit',
      '--strict',
      '--module',
      'nodenext',
      '--target',
      'es2024',
      '--types',
      '',
      'uses.ts',
    );
    expect(await gateway.end('SIGTERM')).toMatchObject({ status: 0 });
  },
);
