import { type ChildProcess, fork, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { newSecret, type Secret } from '../../src/domain/secret.ts';
import { createPgClient } from '../../src/store/connection.ts';
import { startEmbedded } from '../../src/store/embedded.ts';
import { systemRandom } from '../../src/store/random.ts';
import { askNode, startNodes } from '../reach/nodes.ts';

const ISSUE = `mutation ($input: IssueKeyInput!) { issueKey(input: $input) { ... on IssueKeySuccess { key { id } secret } } }`;
const VERIFY = `mutation ($input: VerifyKeyInput!) { verifyKey(input: $input) {
  outcome message stopsAt renewalDue scopeChecked key { id realm ownerId labels { name value } scopes { action resource } } asOf } }`;

interface Issued {
  readonly issueKey: { readonly key: { readonly id: string }; readonly secret: string };
}

/** A server that is measured. */
export interface Target {
  readonly name: string;
  readonly url: string;
  readonly pid: number;
  readonly bodies: readonly string[];
}

export interface VerifyWorld {
  /** The bare server, then POST /verify, then verifyKey; then servers that are compared with them. */
  readonly targets: readonly [Target, Target, Target, ...Target[]];
  /** The process that sends the requests. */
  readonly load: ChildProcess;
  /** The credential of the verifier. */
  readonly credential: string;
  stop(): Promise<void>;
}

/**
 * Starts a gateway on an embedded PostgreSQL with so many keys, all in memory, a bare server that answers as many bytes,
 * and a process that sends requests. On Linux the servers have one core, and the sender has another. `withOthers`: also starts
 * Fastify with a prepared SELECT, and better-auth, on the same database.
 */
export async function openVerifyWorld(count: number, { withOthers = false } = {}): Promise<VerifyWorld> {
  const log = { info() {}, warn: (message: string) => process.stderr.write(`${message}\n`) };
  const folder = mkdtempSync(join(tmpdir(), 'keytide-bench-'));
  const embedded = await startEmbedded({ folder: join(folder, 'database'), log });
  const running = await startNodes(1, embedded.connectionString, folder, 'info');
  const children: ChildProcess[] = [];
  const start = (file: string, ...args: readonly string[]): ChildProcess => {
    const child = fork(fileURLToPath(new URL(file, import.meta.url)), args, { execArgv: [] });
    children.push(child);
    return child;
  };
  const stop = async () => {
    for (const child of children) child.disconnect();
    await running.stop();
    await embedded.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const [node] = running.nodes;
    if (node === undefined) throw new Error('no gateway has started');
    const issue = (action: string) => {
      const input = { realm: 'default', name: 'bench', scopes: [{ action, resource: '**' }] };
      return askNode<Issued>(node, ISSUE, input, running.token);
    };
    const credential = (await issue('keytide:verify')).issueKey.secret;
    const { key } = (await issue('package:push')).issueKey;
    const secrets = await makeUsedKeys(embedded.connectionString, key.id, count);
    const inputs = secrets.map((secret) => ({
      secret: secret.reveal(),
      action: 'package:push',
      resource: 'Acme.Core',
      consumer: 'ci',
    }));
    const bodies = inputs.map((input) => JSON.stringify(input));
    const size = await loadAll(`${node.directUrl}/verify`, credential, inputs);
    const bare = start('bare.ts', String(size));
    const [port] = (await once(bare, 'message')) as [number];
    const load = start('load.ts');
    const others = withOthers ? await startOthers(start, embedded.connectionString, bodies) : [];
    for (const { pid = 0 } of [bare, node, ...others]) useCore(pid, 0);
    useCore(load.pid ?? 0, 1);
    const queries = inputs.map((input) => JSON.stringify({ query: VERIFY, variables: { input } }));
    return {
      targets: [
        { name: 'bare node:http', url: `http://127.0.0.1:${port}/verify`, pid: bare.pid ?? 0, bodies },
        { name: 'POST /verify', url: `${node.directUrl}/verify`, pid: node.pid, bodies },
        { name: 'verifyKey', url: `${node.directUrl}/graphql`, pid: node.pid, bodies: queries },
        ...others,
      ],
      load,
      credential,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Starts the servers that are compared. Fastify finds the gateway's keys; better-auth has made keys of its own. */
async function startOthers(
  start: (file: string, ...args: readonly string[]) => ChildProcess,
  connectionString: string,
  bodies: readonly string[],
): Promise<readonly Target[]> {
  const fastify = start('fastify.ts', connectionString);
  const [fastifyPort] = (await once(fastify, 'message')) as [number];
  const betterAuth = start('better-auth.ts', connectionString);
  const [[betterAuthPort, keys]] = (await once(betterAuth, 'message')) as [[number, readonly string[]]];
  const verify = (port: number) => `http://127.0.0.1:${port}/verify`;
  return [
    { name: 'Fastify with a prepared SELECT', url: verify(fastifyPort), pid: fastify.pid ?? 0, bodies },
    {
      name: 'better-auth',
      url: verify(betterAuthPort),
      pid: betterAuth.pid ?? 0,
      bodies: keys.map((key) => JSON.stringify({ key, permissions: { package: ['push'] } })),
    },
  ];
}

/** Keeps a process on one core, where the machine has two and the program for it. */
function useCore(pid: number, core: number): void {
  if (process.platform === 'linux' && availableParallelism() > 1)
    spawnSync('taskset', ['--all-tasks', '--cpu-list', '--pid', String(core), String(pid)]);
}

/** Creates keys like one that was issued, used before; returns their secrets. */
async function makeUsedKeys(connectionString: string, keyId: string, count: number): Promise<readonly Secret[]> {
  const secrets = Array.from({ length: count }, () => newSecret(systemRandom));
  const client = createPgClient(connectionString);
  await client.connect();
  const digests = secrets.map((secret) => Buffer.from(secret.digest()).toString('hex'));
  await client.query(
    `INSERT INTO "Key" (id, "realmId", "accountId", name, scopes, "createdAt", "grantedAt", "activeAt", "lastUsedAt", "stopsAt", "stopsBasis", "reviewAt")
     SELECT 'key_' || left(given, 26), "realmId", "accountId", name, scopes, "createdAt", "grantedAt", now(), now(), "stopsAt", "stopsBasis", "reviewAt"
     FROM "Key", unnest($2::text[]) AS given WHERE id = $1`,
    [keyId, digests],
  );
  await client.query(
    `INSERT INTO "Secret" (id, "keyId", generation, digest, start, "createdAt", "firstUsedAt", "lastUsedAt")
     SELECT 'secret_' || left(given, 26), 'key_' || left(given, 26), 1, decode(given, 'hex'), 'kt_', now(), now(), now()
     FROM unnest($1::text[]) AS given`,
    [digests],
  );
  await client.end();
  return secrets;
}

/** Asks once for each, so that the gateway has all in memory. Returns the size of an answer, in bytes. */
async function loadAll(url: string, credential: string, inputs: readonly object[]): Promise<number> {
  const post = async (body: object) => {
    const headers = { 'Content-Type': 'application/json', Authorization: `Bearer ${credential}` };
    const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) });
    if (!response.ok) throw new Error(`${url} answered ${response.status}`);
    return response.text();
  };
  for (let from = 0; from < inputs.length; from += 100) await post({ items: inputs.slice(from, from + 100) });
  return Buffer.byteLength(await post(inputs[0] ?? {}));
}
