/**
 * Measures what keys take in the database: npm run bench:sizes [-- <keys>]
 *
 * Starts a gateway on an embedded PostgreSQL, issues so many keys (default 2,000), has each used by two consumers, renewed,
 * rotated and confirmed, all through the gateway. After each step it prints by how many bytes a key the tables and
 * indexes have grown, and at the end the largest tables. It also prints the memory of the gateway with no key and with all.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { createPgClient } from '../src/store/connection.ts';
import { startEmbedded } from '../src/store/embedded.ts';

/** What a mutation may return, as far as it is read here. */
interface Result {
  readonly token?: string;
  readonly secret?: string;
  readonly message?: string;
}

interface Answer {
  readonly data: Readonly<Record<string, Result>>;
  readonly errors?: unknown;
}

const count = Number(process.argv[2] ?? 2_000);
const CALLERS = 8;
const CONSUMERS = ['github.com/acme/core', 'github.com/acme/web'];
const LIMIT_MS = 60_000;
const PASSWORD = 'a good long password';

const port = String(20_000 + (process.pid % 20_000));
const url = `http://127.0.0.1:${port}`;
const log = { info() {}, warn: (message: string) => process.stderr.write(`${message}\n`) };
const folder = mkdtempSync(join(tmpdir(), 'keytide-bench-'));
const embedded = await startEmbedded({ folder: join(folder, 'database'), log });
const gateway = spawn(
  process.execPath,
  ['--disable-warning=DeprecationWarning', fileURLToPath(new URL('../src/entry/serve.ts', import.meta.url))],
  {
    env: {
      PATH: process.env['PATH'],
      PORT: port,
      DATABASE_URL: embedded.connectionString,
      KEYTIDE_DATA_DIR: join(folder, 'node'),
      KEYTIDE_SEALING_KEY: Buffer.alloc(32, 7).toString('base64'),
      KEYTIDE_ADMIN_PASSWORD: PASSWORD,
      KEYTIDE_LOG_LEVEL: 'error',
    },
    stdio: ['ignore', 'ignore', 'inherit'],
  },
);
const client = createPgClient(embedded.connectionString);
try {
  await waitFor(async () => (await fetch(`${url}/readyz`)).ok);
  await client.connect();
  await measure();
} finally {
  await client.end();
  gateway.kill('SIGKILL');
  await embedded.stop();
  rmSync(folder, { recursive: true, force: true });
}

async function measure(): Promise<void> {
  const signIn = `mutation { signIn(input: { email: "admin@localhost", password: "${PASSWORD}" }) { ... on SignInSuccess { token } } }`;
  const { token = '' } = (await ask(signIn, null))['signIn'] ?? {};
  console.log(`memory of the gateway without keys: ${await readMemory()} MB`);

  const secrets: string[] = [];
  let size = await readSize();
  const step = async (what: string, run: (index: number) => Promise<unknown>) => {
    let next = 0;
    const work = async () => {
      while (next < count) await run(next++);
    };
    await Promise.all(Array.from({ length: CALLERS }, work));
    const now = await readSize();
    console.log(`${what}: ${Math.round((now - size) / count)} bytes a key`);
    size = now;
  };
  await step('issued, with one scope and one label', async (index) => {
    const input = `realm: "default", name: "release key ${index}", lifetime: "P90D", scopes: [{ action: "package:push", resource: "Acme.Team${index % 50}.**" }], labels: [{ name: "team", value: "team ${index % 30}" }]`;
    secrets[index] = (await perform('issueKey', input, 'secret', token)).secret ?? '';
  });
  await step(`used by ${CONSUMERS.length} consumers`, async (index) => {
    for (const consumer of CONSUMERS) {
      const body = {
        secret: secrets[index],
        action: 'package:push',
        resource: `Acme.Team${index % 50}.Core`,
        consumer,
      };
      await post('/verify', body, token);
    }
    if (index === count - 1) await waitFor(async () => (await readRows('Use')) >= count * CONSUMERS.length);
  });
  await step('renewed once', (index) => perform('renewKey', '', 'key { id }', secrets[index] ?? ''));
  await step('rotated and confirmed once', async (index) => {
    const { secret = '' } = await perform('rotateKey', 'gracePeriod: "P1D"', 'secret', secrets[index] ?? '');
    await perform('confirmRotation', '', 'key { id }', secret);
  });
  console.log(`memory of the gateway with ${count} keys: ${await readMemory()} MB`);
  const { rows } = await client.query(
    `SELECT relname AS name, pg_total_relation_size(oid) AS size FROM pg_class
     WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY size DESC LIMIT 6`,
  );
  for (const { name, size: bytes } of rows)
    console.log(`table ${name}: ${Math.round(Number(bytes) / count)} bytes a key`);
}

/** Returns the size of all tables with their indexes, in bytes. */
async function readSize(): Promise<number> {
  const { rows } = await client.query(
    `SELECT sum(pg_total_relation_size(oid)) AS size FROM pg_class
     WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace`,
  );
  return Number(rows[0].size);
}

async function readRows(table: string): Promise<number> {
  return Number((await client.query(`SELECT count(*) AS count FROM "${table}"`)).rows[0].count);
}

/** Returns the resident memory of the gateway's process in MB. */
async function readMemory(): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  return Math.round(Number(/^process_resident_memory_bytes (\d+)/m.exec(text)?.[1]) / 1e6);
}

async function perform(mutation: string, input: string, selection: string, credential: string): Promise<Result> {
  const query = `mutation { ${mutation}(input: { ${input} }) { __typename ... on ${mutation[0]?.toUpperCase()}${mutation.slice(1)}Success { ${selection} } ... on UserError { message } } }`;
  const result = (await ask(query, credential))[mutation] ?? {};
  if (result.message !== undefined) throw new Error(`${mutation}: ${result.message}`);
  return result;
}

async function ask(query: string, credential: string | null): Promise<Readonly<Record<string, Result>>> {
  const { data, errors } = (await post('/graphql', { query }, credential)) as Answer;
  if (errors !== undefined) throw new Error(JSON.stringify(errors));
  return data;
}

async function post(path: string, body: object, credential: string | null): Promise<unknown> {
  const headers = { 'Content-Type': 'application/json', ...(credential && { Authorization: `Bearer ${credential}` }) };
  const response = await fetch(`${url}${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
  return await response.json();
}

async function waitFor(isDone: () => Promise<boolean>): Promise<void> {
  const beganAtMs = performance.now();
  while (!(await isDone().catch(() => false))) {
    if (performance.now() - beganAtMs > LIMIT_MS || gateway.exitCode !== null) throw new Error('waited in vain');
    await pause(200);
  }
}
