/**
 * Measures how soon a revocation on one node takes effect on the others: npm run bench:reach [-- <revocations>]
 *
 * Three gateway processes, each behind a plain proxy, on an embedded PostgreSQL that syncs as in production. Keys are
 * issued and revoked on the first node (default 500). Measures the time from the acknowledgement of a revocation until
 * another node refuses the key (which includes at least one whole request), until a subscriber of that node has the event,
 * and until a verifier in this process that follows that node refuses the key (0 if it did before). The baseline is one bare round trip: a NOTIFY on one connection of the same database
 * until another connection receives it. The results are the ratios.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import { createPgClient } from '../src/store/connection.ts';
import { startEmbedded } from '../src/store/embedded.ts';
import { reportFigure } from './goals.ts';
import { openVerifier, type Verifier } from '../src/verifier/verifier.ts';
import { askNode, type BenchNode, startNodes } from './reach/nodes.ts';

const count = Number(process.argv[2] ?? 500);

const EVENTS = 'subscription { events(filter: { types: [KEY_REVOKED] }) { key { id } } }';
const ISSUE = `mutation ($input: IssueKeyInput!) { issueKey(input: $input) { ... on IssueKeySuccess { key { id } secret } } }`;
const REVOKE = `mutation ($input: RevokeKeyInput!) { revokeKey(input: $input) { __typename } }`;
const VERIFY = `mutation ($input: VerifyKeyInput!) { verifyKey(input: $input) { outcome } }`;

interface Issued {
  readonly issueKey: { readonly key: { readonly id: string }; readonly secret: string };
}

const log = { info() {}, warn: (message: string) => process.stderr.write(`${message}\n`) };
const folder = mkdtempSync(join(tmpdir(), 'keytide-bench-'));
const embedded = await startEmbedded({ folder: join(folder, 'database'), log });
const running = await startNodes(3, embedded.connectionString, folder);
try {
  const [near, ...others] = running.nodes;
  const waiting = new Map<string, () => void>();
  const clients = others.map((node, index) => subscribe(node, (id) => waiting.get(`${index} ${id}`)?.()));
  // A subscribed client may not wait for the next event yet.
  await pause(1_000);
  const verifier = await openFollowing(near, others[0]);
  const arrived: number[] = [];
  const verified: number[] = [];
  const refused: number[] = [];
  for (let index = 0; index < count; index += 1) {
    const scopes = [{ action: 'package:push', resource: '**' }];
    const issued = await askNode<Issued>(near, ISSUE, { realm: 'default', name: 'release', scopes }, running.token);
    const { key, secret } = issued.issueKey;
    const arrivals = others.map(
      (_, number) =>
        new Promise<number>((resolve) => waiting.set(`${number} ${key.id}`, () => resolve(performance.now()))),
    );
    await untilAnswered(verifier, secret, 'VALID');
    await askNode(near, REVOKE, { keyId: key.id, reason: 'measured' }, running.token);
    const acknowledgedAt = performance.now();
    const byVerifier = untilAnswered(verifier, secret, 'KEY_REVOKED').then(() => performance.now() - acknowledgedAt);
    refused.push(...(await Promise.all(others.map((node) => untilRefused(node, secret, acknowledgedAt)))));
    verified.push(await byVerifier);
    arrived.push(...(await Promise.all(arrivals)).map((at) => Math.max(0, at - acknowledgedAt)));
  }
  const bare = await roundTrips(embedded.connectionString, count);
  for (const [name, times] of [
    ['refused by another node', refused],
    ['event from another node', arrived],
    ['refused by a verifier', verified],
    ['bare NOTIFY', bare],
  ] as const) {
    const found = [0.5, 0.99, 1].map((part) => `${quantile(times, part).toFixed(1)} ms`);
    process.stdout.write(`${name}: p50 ${found[0]}, p99 ${found[1]}, longest ${found[2]}\n`);
  }
  const ratio = (times: readonly number[]) => (quantile(times, 0.99) / quantile(bare, 0.99)).toFixed(1);
  process.stdout.write(`ratios of p99 to the bare round trip: refused ${ratio(refused)}, event ${ratio(arrived)}\n`);
  reportFigure('reach', [quantile(refused, 0.99)]);
  reportFigure('reachVerifier', [quantile(verified, 0.99)]);
  await verifier.close();
  for (const client of clients) await client.dispose();
} finally {
  await running.stop();
  await embedded.stop();
  rmSync(folder, { recursive: true, force: true });
}

function subscribe(node: BenchNode, onRevoked: (id: string) => void) {
  const client = createClient({
    url: `${node.url.replace('http', 'ws')}/graphql`,
    webSocketImpl: WebSocket,
    lazy: false,
    connectionParams: { authorization: `Bearer ${running.token}` },
  });
  client.subscribe<{ events: { key: { id: string } } }>(
    { query: EVENTS },
    { next: ({ data }) => onRevoked(data?.events.key.id ?? ''), error: () => undefined, complete: () => undefined },
  );
  return client;
}

async function untilRefused(node: BenchNode, secret: string, since: number): Promise<number> {
  for (;;) {
    const { verifyKey } = await askNode<{ verifyKey: { outcome: string } }>(node, VERIFY, { secret }, running.token);
    if (verifyKey.outcome === 'KEY_REVOKED') return performance.now() - since;
  }
}

/** Opens a verifier that follows a node, with a key of its own. */
async function openFollowing(issuer: BenchNode | undefined, node: BenchNode | undefined): Promise<Verifier> {
  const scopes = ['keytide:follow', 'keytide:verify'].map((action) => ({ action, resource: '**' }));
  const input = { realm: 'default', name: 'verifier', scopes };
  const { secret } = (await askNode<Issued>(issuer, ISSUE, input, running.token)).issueKey;
  const verifier = openVerifier({ url: node?.directUrl ?? '', credential: () => secret });
  await verifier.ready;
  return verifier;
}

/** Resolves when a verifier gives an outcome from its own memory. */
async function untilAnswered(verifier: Verifier, secret: string, outcome: 'VALID' | 'KEY_REVOKED'): Promise<void> {
  for (;;) {
    const answer = verifier.verify({ secret });
    if (!(answer instanceof Promise) && answer.outcome === outcome) return;
    await answer;
    await new Promise(setImmediate);
  }
}

/** Measures the time from a NOTIFY to its arrival, repeatedly. */
async function roundTrips(database: string, times: number): Promise<number[]> {
  const [from, to] = [createPgClient(database), createPgClient(database)];
  await Promise.all([from.connect(), to.connect()]);
  await to.query('LISTEN bench');
  const found: number[] = [];
  for (let index = 0; index < times; index += 1) {
    const arrival = new Promise<void>((resolve) => void to.once('notification', () => resolve()));
    const sentAt = performance.now();
    await Promise.all([from.query('NOTIFY bench'), arrival]);
    found.push(performance.now() - sentAt);
  }
  await Promise.all([from.end(), to.end()]);
  return found;
}

function quantile(times: readonly number[], part: number): number {
  return times.toSorted((a, b) => a - b)[Math.min(times.length - 1, Math.floor(times.length * part))] ?? Number.NaN;
}
