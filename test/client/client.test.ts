import { createServer, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { inspect } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { ClientError, openClient, succeeded } from '../../src/client/client.ts';
import { openGateway, type Gateway } from '../support/gateway.ts';
import { mutate, issue, logCursor, recordNumberedEvents } from '../support/issue.ts';

const VIEWER = { query: '{ viewer { __typename } }' };

/** Starts a server that answers every request with the given function. */
async function startServer(answer: (response: ServerResponse) => void): Promise<string> {
  const server = createServer((_request, response) => answer(response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function clientOf({ url }: Pick<Gateway, 'url'>, credential: string | null = null) {
  return openClient({ url, credential: () => credential, limitMs: 5_000 });
}

async function catchError(request: Promise<unknown>): Promise<ClientError> {
  const error = await request.then(
    () => null,
    (error: unknown) => error,
  );
  if (!(error instanceof ClientError)) throw new Error(`no ClientError: ${inspect(error)}`);
  return error;
}

test('client: a failed request is one of five kinds of errors, each with its details', async () => {
  const gateway = await openGateway();
  const admin = await gateway.admin();
  expect(await clientOf(gateway, admin).ask(VIEWER)).toEqual({ viewer: { __typename: 'Account' } });
  expect(await catchError(clientOf(gateway).ask(VIEWER))).toMatchObject({ kind: 'REFUSED', code: 'UNAUTHENTICATED' });
  const { id, secret } = await issue(gateway, admin);
  expect(await catchError(clientOf(gateway, secret).confirmRotation('once'))).toMatchObject({
    kind: 'FAILED',
    code: 'ROTATION_NOT_PENDING',
    details: {},
  });
  await mutate(gateway, admin, 'revokeKey', { keyId: id, reason: 'over' });
  const error = await catchError(clientOf(gateway, secret).ownKey());
  expect(error).toMatchObject({ kind: 'REFUSED', code: 'UNAUTHENTICATED', details: { outcome: 'KEY_REVOKED' } });
  expect(inspect(error, { depth: 9 })).not.toContain(secret);
  expect(await catchError(clientOf({ url: 'http://127.0.0.1:9' }).ask(VIEWER))).toMatchObject({ kind: 'UNREACHABLE' });
  expect(await catchError(clientOf({ url: 'ftp://x' }).ask(VIEWER))).toMatchObject({
    kind: 'REFUSED',
    code: 'BAD_URL',
  });
  const open = await catchError(clientOf({ url: 'http://a:open-sesame@127.0.0.1:9' }).ask(VIEWER));
  expect([open.code, inspect(open)]).toEqual(['BAD_URL', expect.not.stringContaining('sesame')]);
  expect(succeeded({ __typename: 'RenewKeySuccess', secret: null })).toMatchObject({ secret: null });
});

test('client: a response of a proxy in front of the gateway is recognized', async () => {
  const busy = await startServer((response) => response.writeHead(503, { 'Retry-After': '7' }).end('<html>'));
  expect(await catchError(clientOf({ url: busy }).ask(VIEWER))).toMatchObject({
    kind: 'UNAVAILABLE',
    retryAfterMs: 7_000,
  });
  const limited = await startServer((response) => {
    const extensions = { code: 'RATE_LIMITED', retryAfter: 3 };
    response.writeHead(429).end(JSON.stringify({ errors: [{ message: 'too many', extensions }] }));
  });
  expect(await catchError(clientOf({ url: limited }).ask(VIEWER))).toMatchObject({
    kind: 'UNAVAILABLE',
    retryAfterMs: 3_000,
  });
  const other = await startServer((response) => response.writeHead(200).end('{"hello":1}'));
  expect(await catchError(clientOf({ url: other }).ask(VIEWER))).toMatchObject({ kind: 'UNREADABLE' });
  for (const body of ['null', '[]', '{"errors":[null]}', '{"errors":[]}', '{"errors":{"0":1}}', '{"data":null}']) {
    const strange = await startServer((response) => response.writeHead(200).end(body));
    expect(await catchError(clientOf({ url: strange }).ask(VIEWER)), body).toMatchObject({ kind: 'UNREADABLE' });
  }
  const cut = await startServer((response) => {
    response.writeHead(200, { 'Content-Length': '100' }).write('{');
    setImmediate(() => response.destroy());
  });
  expect(await catchError(clientOf({ url: cut }).ask(VIEWER))).toMatchObject({ kind: 'UNREACHABLE' });
  const silent = await startServer(() => undefined);
  const quick = openClient({ url: silent, credential: () => null, limitMs: 50 });
  expect(await catchError(quick.ask(VIEWER))).toMatchObject({ kind: 'UNREACHABLE' });
});

test('client: endless responses and endless delays are limited', async () => {
  const endless = async (type: string, piece: string) =>
    startServer((response) => {
      response.writeHead(200, {
        'Content-Type': response.req.headers.accept === 'text/event-stream' ? type : 'text/plain',
      });
      const more = () => {
        while (response.writable && response.write(piece));
      };
      response.on('drain', more);
      more();
    });
  const large = await catchError(clientOf({ url: await endless('text/plain', ' '.repeat(65_536)) }).ask(VIEWER));
  expect(large).toMatchObject({ kind: 'UNREADABLE', message: expect.stringContaining('32 MB') });
  const stream = clientOf({ url: await endless('text/event-stream', 'data: x'.repeat(9_000)) }).events({ after: 'x' });
  expect(await catchError(stream.next())).toMatchObject({
    kind: 'UNREADABLE',
    message: expect.stringContaining('longer than a million characters'),
  });
  for (const retryAfter of [1e12, -1]) {
    const long = await startServer((response) => {
      const extensions = { code: 'UNAVAILABLE', retryAfter };
      response.writeHead(503).end(JSON.stringify({ errors: [{ message: 'later', extensions }] }));
    });
    const retryAfterMs = retryAfter > 0 ? 86_400_000 : null;
    expect(await catchError(clientOf({ url: long }).ask(VIEWER))).toMatchObject({ kind: 'UNAVAILABLE', retryAfterMs });
  }
});

test('client: a redirect is not followed, so the credential reaches no other host', async () => {
  const gateway = await openGateway();
  const leads = await startServer((response) => response.writeHead(307, { Location: `${gateway.url}/graphql` }).end());
  const error = await catchError(clientOf({ url: leads }, await gateway.admin()).ask(VIEWER));
  expect(error).toMatchObject({ kind: 'UNREADABLE', message: expect.stringContaining('307') });
});

test('client: events arrive once and in order across reconnections', async () => {
  const near = await openGateway();
  const far = await openGateway({ database: near.database, clock: near.clock });
  const admin = await near.admin();
  const after = await logCursor(near, admin);
  const connection = { url: near.url, credential: () => admin };
  const waits: number[] = [];
  const following = openClient(connection).events<{ data: { number?: number } }>({
    after,
    select: 'data',
    onInterruption: (_error, waitMs) => {
      waits.push(waitMs);
      // The next connection goes to the remaining node.
      connection.url = far.url;
    },
    pause: async () => undefined,
  });
  const seen: (number | undefined)[] = [];
  for (const number of [1, 2, 3, 4, 5, 6]) {
    await recordNumberedEvents(number < 4 ? near : far, {}, number);
    const { value } = await following.next();
    seen.push(value?.event.data.number);
    if (number === 3) await near.stop();
  }
  await following.return(undefined);
  expect(seen).toEqual([1, 2, 3, 4, 5, 6]);
  expect(waits).toEqual([1_000]);
});

test('client: following from now on misses no event if the first connection breaks before the first event', async () => {
  const gateway = await openGateway();
  const admin = await gateway.admin();
  const head = await logCursor(gateway, admin);
  const url = await startServer((response) => {
    if (response.req.headers.accept !== 'text/event-stream') {
      return void response.end(JSON.stringify({ data: { logCursor: head } }));
    }
    response.writeHead(200, { 'Content-Type': 'text/event-stream' }).write(':\n\n');
    return void setImmediate(() => response.destroy());
  });
  const connection = { url, credential: () => admin };
  const following = openClient(connection).events<{ data: { number?: number } }>({
    select: 'data',
    pause: async () => {
      connection.url = gateway.url;
      await recordNumberedEvents(gateway, {}, 1);
    },
  });
  expect((await following.next()).value?.event.data.number).toBe(1);
  await following.return(undefined);
});

test('client: a permanent error ends the iteration, and so does the caller', async () => {
  const gateway = await openGateway();
  const after = Buffer.from('1:999999').toString('base64url');
  const ahead = clientOf(gateway, await gateway.admin()).events({ after });
  expect(await catchError(ahead.next())).toMatchObject({ kind: 'REFUSED', code: 'CURSOR_AHEAD' });
  expect(await catchError(clientOf(gateway).events().next())).toMatchObject({
    kind: 'REFUSED',
    code: 'UNAUTHENTICATED',
  });
  const strange = await startServer((response) => {
    const isStream = response.req.headers.accept === 'text/event-stream';
    const type = isStream ? 'text/event-stream' : 'application/json';
    response.writeHead(200, { 'Content-Type': type });
    response.end(isStream ? 'event: next\ndata: {"data":\n\n' : '{"data":{"logCursor":"x"}}');
  });
  expect(await catchError(clientOf({ url: strange }).events().next())).toMatchObject({ kind: 'UNREADABLE' });
  const over = new AbortController();
  const left = clientOf(gateway, await gateway.admin()).events({ signal: over.signal });
  const next = left.next();
  setImmediate(() => over.abort());
  expect(await next).toEqual({ done: true, value: undefined });
});

test('client: it imports only Node modules', () => {
  const folder = fileURLToPath(new URL('../../src/client/', import.meta.url));
  for (const file of readdirSync(folder)) {
    const imports = [...readFileSync(folder + file, 'utf8').matchAll(/from '([^']+)'/g)].map(([, from]) => from!);
    expect(
      imports.filter((from) => !/^(?:\.\/|node:)/.test(from)),
      file,
    ).toEqual([]);
  }
});
