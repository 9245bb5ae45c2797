/**
 * Measures what a verification costs: npm run bench:verify [-- <keys>]
 *
 * A gateway process on an embedded PostgreSQL with so many keys (default 10,000), all in memory, is asked by POST /verify
 * and by verifyKey over GraphQL, each with the log line of a request as in production. The baseline is a bare node:http
 * that reads the body and answers as many bytes. The requests come from a process of its own on 32 connections. All
 * three run in turn, in five rounds after one to warm up. The results are requests per CPU-second of the server, their
 * ratios to the bare server in the same round, and the times of the answers: medians, with the least and the most. Then
 * the bare server and POST /verify get half of the requests that POST /verify can answer, for the times at that load.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { newSecret, type Secret } from '../src/domain/secret.ts';
import { createPgClient } from '../src/store/connection.ts';
import { startEmbedded } from '../src/store/embedded.ts';
import { systemRandom } from '../src/store/random.ts';
import { askNode, startNodes } from './reach/nodes.ts';
import { cpuSeconds } from './verify/cpu-seconds.ts';
import type { LoadResult, LoadRun } from './verify/load.ts';
import { spread, spreadOf } from './verify/spread.ts';

const count = Number(process.argv[2] ?? 10_000);

const CONNECTIONS = 32;
const ROUND_MS = 3_000;
const ROUNDS = 6;
const HALF_LOAD_ROUNDS = 4;

const ISSUE = `mutation ($input: IssueKeyInput!) { issueKey(input: $input) { ... on IssueKeySuccess { key { id } secret } } }`;
const VERIFY = `mutation ($input: VerifyKeyInput!) { verifyKey(input: $input) {
  outcome message stopsAt renewalDue scopeChecked key { id realm ownerId labels { name value } scopes { action resource } } asOf } }`;

interface Issued {
  readonly issueKey: { readonly key: { readonly id: string }; readonly secret: string };
}

/** A server that is measured. */
interface Target {
  readonly name: string;
  readonly url: string;
  readonly pid: number;
  readonly bodies: readonly string[];
}

const log = { info() {}, warn: (message: string) => process.stderr.write(`${message}\n`) };
const folder = mkdtempSync(join(tmpdir(), 'keytide-bench-'));
const embedded = await startEmbedded({ folder: join(folder, 'database'), log });
const running = await startNodes(1, embedded.connectionString, folder, 'info');
const children: ChildProcess[] = [];
try {
  const [node] = running.nodes;
  if (node === undefined) throw new Error('no gateway has started');
  const issue = (action: string) =>
    askNode<Issued>(
      node,
      ISSUE,
      { realm: 'default', name: 'bench', scopes: [{ action, resource: '**' }] },
      running.token,
    );
  const verifier = (await issue('keytide:verify')).issueKey.secret;
  const secrets = await makeKeys((await issue('package:push')).issueKey.key.id);
  const inputs = secrets.map((secret) => ({
    secret: secret.reveal(),
    action: 'package:push',
    resource: 'Acme.Core',
    consumer: 'ci',
  }));
  const bodies = inputs.map((input) => JSON.stringify(input));
  const size = await loadAll(`${node.directUrl}/verify`, verifier, inputs);

  const bare = start('verify/bare.ts', String(size));
  const [port] = (await once(bare, 'message')) as [number];
  const targets: readonly Target[] = [
    { name: 'bare node:http', url: `http://127.0.0.1:${port}/verify`, pid: bare.pid ?? 0, bodies },
    { name: 'POST /verify', url: `${node.directUrl}/verify`, pid: node.pid, bodies },
    {
      name: 'verifyKey',
      url: `${node.directUrl}/graphql`,
      pid: node.pid,
      bodies: inputs.map((input) => JSON.stringify({ query: VERIFY, variables: { input } })),
    },
  ];
  const load = start('verify/load.ts');
  const perSecond = await compare(load, targets, verifier);
  await compareAtHalfLoad(load, targets.slice(0, 2), verifier, Math.round(perSecond / 2));
} finally {
  for (const child of children) child.disconnect();
  await running.stop();
  await embedded.stop();
  rmSync(folder, { recursive: true, force: true });
}

/** Returns how many requests in a second POST /verify has answered. */
async function compare(load: ChildProcess, targets: readonly Target[], credential: string): Promise<number> {
  const rounds: (LoadResult & { readonly rate: number })[][] = targets.map(() => []);
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const [index, { name, url, pid, bodies }] of targets.entries()) {
      const before = cpuSeconds(pid);
      const run: LoadRun = { url, credential, bodies, connections: CONNECTIONS, ms: ROUND_MS };
      const result = await send(load, name, run);
      if (round > 0) rounds[index]?.push({ ...result, rate: result.count / (cpuSeconds(pid) - before) });
    }
  }
  console.log(`${count} keys, ${CONNECTIONS} connections, ${ROUNDS - 1} rounds`);
  for (const [index, { name }] of targets.entries()) {
    const results = rounds[index] ?? [];
    const ratios = results.map(({ rate }, round) => rate / (rounds[0]?.[round]?.rate ?? Number.NaN));
    const times = `p50 ${spread(
      results.map(({ p50 }) => p50),
      2,
    )} ms, p99 ${spread(
      results.map(({ p99 }) => p99),
      2,
    )} ms`;
    console.log(
      `${name}: ${spread(results.map(({ rate }) => rate))} requests per CPU-second, ratio ${spread(ratios, 3)}, ${times}`,
    );
  }
  return spreadOf((rounds[1] ?? []).map(({ count }) => (count / ROUND_MS) * 1000)).middle;
}

/** Compares the slowest answers of servers that get the same number of requests in a second, less than they can answer. */
async function compareAtHalfLoad(
  load: ChildProcess,
  targets: readonly Target[],
  credential: string,
  perSecond: number,
): Promise<void> {
  const p99s: number[][] = targets.map(() => []);
  for (let round = 0; round < HALF_LOAD_ROUNDS; round += 1) {
    for (const [index, { name, url, bodies }] of targets.entries()) {
      const run: LoadRun = { url, credential, bodies, connections: CONNECTIONS, ms: ROUND_MS, perSecond };
      const { p99 } = await send(load, name, run);
      if (round > 0) p99s[index]?.push(p99);
    }
  }
  for (const [index, { name }] of targets.entries()) {
    const ratios = (p99s[index] ?? []).map((p99, round) => p99 / (p99s[0]?.[round] ?? Number.NaN));
    console.log(
      `${name} at ${perSecond} requests/s: p99 ${spread(p99s[index] ?? [], 2)} ms, ratio ${spread(ratios, 2)}`,
    );
  }
}

async function send(load: ChildProcess, name: string, run: LoadRun): Promise<LoadResult> {
  load.send(run);
  const [result] = (await once(load, 'message')) as [LoadResult];
  if (result.badCount > 0) throw new Error(`${name}: ${result.badCount} of ${result.count} answers were not VALID`);
  return result;
}

/** Creates keys like one that was issued, used before; returns their secrets. */
async function makeKeys(keyId: string): Promise<readonly Secret[]> {
  const secrets = Array.from({ length: count }, () => newSecret(systemRandom));
  const client = createPgClient(embedded.connectionString);
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

function start(file: string, ...args: readonly string[]): ChildProcess {
  const child = fork(fileURLToPath(new URL(file, import.meta.url)), args);
  children.push(child);
  return child;
}
