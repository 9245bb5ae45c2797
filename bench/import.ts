/**
 * Measures `keytide import`: npm run bench:import [-- <keys>]
 *
 * An export of so many keys (default 100,000) is imported by the command into a gateway in a process of its own, with an
 * embedded PostgreSQL with fsync on: each key with an owner, a label, a last use and a ramp. The results are the elapsed time, and the CPU
 * time of the command, the gateway and PostgreSQL: on a machine that does nothing else the elapsed time is what two cores make of it.
 */
import { spawn } from 'node:child_process';
import { hash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startEmbedded } from '../src/store/embedded.ts';
import { postgresSeconds, treeSeconds } from './verify/postgres-seconds.ts';

const count = Number(process.argv[2] ?? 100_000);
const PASSWORD = 'a good long password';
const OWNERS = 20;

/** What the mutations here return. */
interface Answer {
  readonly signIn: { readonly token: string };
  readonly createOrganization: { readonly organization: { readonly id: string } };
}

const log = { info() {}, warn: (message: string) => process.stderr.write(`${message}\n`) };
const folder = mkdtempSync(join(tmpdir(), 'keytide-bench-'));
const embedded = await startEmbedded({ folder: join(folder, 'data'), log });
const source = fileURLToPath(new URL('../src', import.meta.url));
const gateway = spawn(process.execPath, ['--disable-warning=DeprecationWarning', join(source, 'entry', 'serve.ts')], {
  cwd: folder,
  env: {
    PATH: process.env['PATH'],
    PORT: '0',
    DATABASE_URL: embedded.connectionString,
    KEYTIDE_SEALING_KEY: randomBytes(32).toString('base64'),
    KEYTIDE_ADMIN_PASSWORD: PASSWORD,
    ...(process.env['NODE_OPTIONS'] !== undefined && { NODE_OPTIONS: process.env['NODE_OPTIONS'] }),
  },
  stdio: ['ignore', 'pipe', 'inherit'],
});
const hasEnded = once(gateway, 'close');
try {
  await measure(await findUrl());
} finally {
  gateway.kill('SIGTERM');
  await hasEnded;
  await embedded.stop();
  rmSync(folder, { recursive: true, force: true });
}

async function measure(url: string): Promise<void> {
  const signedIn = await ask(
    url,
    'mutation ($input: SignInInput!) { signIn(input: $input) { ... on SignInSuccess { token } } }',
    { email: 'admin@localhost', password: PASSWORD },
  );
  const token = signedIn.signIn.token;
  const owners: string[] = [];
  for (let index = 0; index < OWNERS; index += 1) {
    const made = await ask(
      url,
      'mutation ($input: CreateOrganizationInput!) { createOrganization(input: $input) { ... on CreateOrganizationSuccess { organization { id } } } }',
      { name: `Owner ${index}` },
      token,
    );
    owners.push(made.createOrganization.organization.id);
  }
  await ask(
    url,
    'mutation ($input: UpdateRealmInput!) { updateRealm(input: $input) { __typename } }',
    { realm: 'default', foreignSecrets: { pattern: '[0-9a-f]{40}', randomBits: 160 } },
    token,
  );
  const file = join(folder, 'keys.csv');
  writeFileSync(file, makeExport(owners));
  const login = await run(['login', '--with-token', '--url', url], `${token}\n`);
  if (login.status !== 0) throw new Error(login.stderr);
  const dataFolder = join(folder, 'data');
  const before = { gateway: treeSeconds(gateway.pid ?? 0), postgres: postgresSeconds(dataFolder) };
  const startedAtMs = performance.now();
  const ramp = ['--bind-from', new Date(Date.now() + 60 * 86_400_000).toISOString(), '--spread-over', '90d'];
  const imported = await run(['import', file, ...ramp, '--json']);
  const seconds = (performance.now() - startedAtMs) / 1000;
  if (imported.status !== 0) throw new Error(`${imported.stdout}${imported.stderr}`);
  const used = {
    gateway: treeSeconds(gateway.pid ?? 0) - before.gateway,
    postgres: postgresSeconds(dataFolder) - before.postgres,
  };
  const total = used.gateway + used.postgres + imported.cpuSeconds;
  console.log(
    `${count} keys in ${seconds.toFixed(1)} s; CPU-seconds: command ${imported.cpuSeconds.toFixed(1)}, gateway ${used.gateway.toFixed(1)}, PostgreSQL ${used.postgres.toFixed(1)}, together ${total.toFixed(1)}: ${(total / 2).toFixed(1)} s of two cores`,
  );
}

function makeExport(owners: readonly string[]): string {
  const lines = ['digest,start,name,owner,scopes,labels,createdAt,lastUsedAt,source,externalKeyId'];
  for (let index = 0; index < count; index += 1) {
    const digest = hash('sha256', `secret ${index}`);
    const owner = owners[index % OWNERS] ?? '';
    const day = new Date(Date.now() - (index % 700) * 86_400_000).toISOString();
    lines.push(
      `${digest},${digest.slice(0, 6)},key ${index},${owner},package:push=Acme.${index % 1000},repo=repository-${index},2024-01-01T00:00:00Z,${day},old,${index}`,
    );
  }
  return `${lines.join('\n')}\n`;
}

/** Runs the command; `time` of the shell tells its CPU time. */
async function run(words: readonly string[], input = '') {
  const child = spawn(
    '/bin/bash',
    ['-c', 'TIMEFORMAT="CPU %U %S"; time "$@"', 'bash', process.execPath, join(source, 'cli', 'keytide.ts'), ...words],
    {
      cwd: folder,
      env: { PATH: process.env['PATH'], HOME: folder },
    },
  );
  child.stdin.end(input);
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (piece) => (stdout += String(piece)));
  child.stderr.on('data', (piece) => (stderr += String(piece)));
  const [status] = (await once(child, 'close')) as [number];
  const [, user, system] = /CPU ([\d.]+) ([\d.]+)\s*$/.exec(stderr) ?? [];
  return { status, stdout, stderr, cpuSeconds: Number(user) + Number(system) };
}

async function ask(url: string, query: string, input: object, token?: string): Promise<Answer> {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', ...(token !== undefined && { Authorization: `Bearer ${token}` }) },
    body: JSON.stringify({ query, variables: { input } }),
  });
  const { data, errors } = (await response.json()) as { data: Answer; errors?: unknown };
  if (errors !== undefined) throw new Error(JSON.stringify(errors));
  return data;
}

/** Resolves with the address of the gateway once it listens. Its output is read on: a closed pipe would end it. */
function findUrl(): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    gateway.stdout.on('data', (piece) => {
      text += String(piece);
      const url = /https?:\/\/[\d.]+:\d+/.exec(text)?.[0];
      if (url !== undefined && text.includes('Sign in')) resolve(url);
    });
    gateway.once('close', () => reject(new Error(`the gateway has ended: ${text}`)));
  });
}
