import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import { createPgClient } from '../../src/store/connection.ts';
import { emptyDatabase } from '../support/database.ts';
import { dataFolder, readServerId } from '../support/embedded-process.ts';
import { askAt, type GatewayProcess, isAlive, startGateway } from '../support/gateway-process.ts';
import { ISSUE_KEY } from '../support/operations.ts';
import { scratchFolder } from '../support/scratch-folder.ts';

const password = 'a good long password';
const SIGN_IN = 'mutation ($input: SignInInput!) { signIn(input: $input) { ... on SignInSuccess { token } } }';
const EVENTS = 'subscription { events { type } }';
const scopes = [{ action: 'package:push', resource: '**' }];

async function signIn({ url }: GatewayProcess): Promise<string> {
  const answer = await askAt(url, SIGN_IN, { input: { email: 'admin@localhost', password } });
  return answer.data['signIn'].token;
}

/** An open graphql-ws socket with a subscription on it, that answers pings and close frames as clients do. */
async function openSocket({ url }: GatewayProcess, token: string): Promise<WebSocket> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
  await once(socket, 'open');
  socket.send(JSON.stringify({ type: 'connection_init', payload: { authorization: `Bearer ${token}` } }));
  await once(socket, 'message');
  socket.send(JSON.stringify({ id: 'events', type: 'subscribe', payload: { query: EVENTS } }));
  return socket;
}

/** An open stream of server-sent events. */
async function openStream({ url }: GatewayProcess, token: string): Promise<Response> {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: {
      'Content-Type': 'application/json',
      Accept: 'text/event-stream',
      Authorization: `Bearer ${token}`,
    },
    body: JSON.stringify({ query: EVENTS }),
  });
  expect(response.headers.get('content-type')).toContain('text/event-stream');
  return response;
}

/** A request of which the gateway has the head and half of the body. */
function beginRequest({ url }: GatewayProcess, token: string, body: string) {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  const answer = new Promise<string>((resolve) => {
    let received = '';
    socket.on('data', (chunk) => (received += chunk.toString()));
    socket.on('close', () => resolve(received));
  });
  const head = [
    'POST /graphql HTTP/1.1',
    'Host: keytide.test',
    'Content-Type: application/json',
    `Authorization: Bearer ${token}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
  ];
  socket.write(`${head.join('\r\n')}\r\n\r\n${body.slice(0, 20)}`);
  return { answer, finish: () => socket.write(body.slice(20)) };
}

test('stop: running requests finish, sockets close with 1012, streams end, and the database stops last', async () => {
  const folder = dataFolder();
  const gateway = await startGateway(folder, { KEYTIDE_DATA_DIR: folder, KEYTIDE_ADMIN_PASSWORD: password });
  const token = await signIn(gateway);
  const serverId = readServerId(folder);
  const socket = await openSocket(gateway, token);
  const closed = once(socket, 'close');
  const stream = (await openStream(gateway, token)).text();
  const input = { realm: 'default', name: 'half sent', scopes };
  const slow = beginRequest(gateway, token, JSON.stringify({ query: ISSUE_KEY, variables: { input } }));
  // A request after it on another connection is answered: the gateway has the slow one's head by now.
  await askAt(gateway.url, '{ logCursor }', {}, token);

  const ended = gateway.end('SIGTERM');
  await gateway.wrote('shutting down');
  const [code, reason] = await closed;
  expect([code, String(reason)]).toEqual([1012, 'Service restart']);
  expect(await stream).toMatch(/event: complete\n/);
  await expect(fetch(`${gateway.url}/livez`)).rejects.toThrow();
  expect(isAlive(serverId)).toBe(true);
  slow.finish();
  const answer = await slow.answer;
  expect(answer).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
  expect(answer).toMatch(/"secret":"kt_[0-9A-Za-z]{49}"/);
  expect(await ended).toEqual({ status: 0, signal: null });
  expect(isAlive(serverId)).toBe(false);
  expect(existsSync(join(folder, 'postgres', 'postmaster.pid'))).toBe(false);
  expect(gateway.written().stderr).toBe('');
  expect(gateway.written().stdout).not.toMatch(/"level":"(warn|error)"/);
});

test('stop: a write that waits for the database finishes and gets its response', async () => {
  const database = await emptyDatabase();
  const settings = {
    DATABASE_URL: database,
    KEYTIDE_SEALING_KEY: randomBytes(32).toString('base64'),
    KEYTIDE_ADMIN_PASSWORD: password,
  };
  const gateway = await startGateway(scratchFolder(), settings);
  const token = await signIn(gateway);
  const client = createPgClient(database);
  await client.connect();
  onTestFinished(() => client.end());
  await client.query('BEGIN');
  await client.query('SELECT 1 FROM "LogHead" FOR UPDATE');
  const answer = askAt(gateway.url, ISSUE_KEY, { input: { realm: 'default', name: 'waits', scopes } }, token);
  const waits = `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`;
  while ((await client.query(waits)).rowCount === 0) await client.query('SELECT pg_stat_clear_snapshot()');

  const ended = gateway.end('SIGINT');
  await gateway.wrote('shutting down');
  await client.query('COMMIT');
  expect((await answer).data['issueKey']).toMatchObject({ __typename: 'IssueKeySuccess', key: { name: 'waits' } });
  expect(await ended).toEqual({ status: 0, signal: null });
  expect((await client.query('SELECT name FROM "Key"')).rows).toEqual([{ name: 'waits' }]);
});

test.runIf(process.env['KEYTIDE_TEST_LONG'])(
  'stop: the process and its database end within 25 s, whatever hangs',
  { timeout: 180_000 },
  async () => {
    const folder = dataFolder();
    const gateway = await startGateway(folder, { KEYTIDE_DATA_DIR: folder, KEYTIDE_ADMIN_PASSWORD: password });
    const token = await signIn(gateway);
    const serverId = readServerId(folder);
    const socket = await openSocket(gateway, token);
    socket.pause(); // never reads the close frame
    const never = beginRequest(gateway, token, JSON.stringify({ query: '{ logCursor }' }));
    await askAt(gateway.url, '{ logCursor }', {}, token);
    const begunAtMs = performance.now();
    await gateway.end('SIGTERM');
    expect(performance.now() - begunAtMs).toBeLessThan(25_000);
    expect(await never.answer).toBe('');
    expect(isAlive(serverId)).toBe(false);
  },
);
