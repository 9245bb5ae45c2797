import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import request from 'supertest';
import { expect, test } from 'vitest';
import { rateLimited, unauthenticated, unavailable } from '../../src/domain/request-error.ts';
import { sendJson } from '../../src/http/responses.ts';
import { exchangeOf } from '../../src/http/http-exchange.ts';
import type { Route } from '../../src/http/find-route.ts';
import { sendBytes, startServer } from '../support/http-server.ts';
import { waitFor } from '../support/wait-for.ts';

const hello: Route = {
  methods: ['GET'],
  handle: (_request, response) => sendJson(response, 200, { hello: 'world' }),
};

function refuse(error: Error): Route {
  return {
    handle: () => {
      throw error;
    },
  };
}

const defaultHeaders = {
  'cache-control': 'no-store',
  'content-security-policy': "frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
};

test('server: every response has a request id and the security headers, whatever its status', async () => {
  const fails: Route = {
    handle: () => {
      throw new Error('KTCANARY');
    },
  };
  const { url } = await startServer({ '/hello': hello, '/fails': fails });
  for (const [method, path, status] of [
    ['get', '/hello', 200],
    ['head', '/hello', 200],
    ['get', '/nothing', 404],
    ['post', '/hello', 405],
    ['get', '/fails', 500],
  ] as const) {
    const answer = await request(url)[method](path);
    expect(answer.status).toBe(status);
    expect(answer.headers).toMatchObject({ ...defaultHeaders, 'x-request-id': expect.stringMatching(/^[\w-]{16}$/) });
    expect(answer.headers['x-powered-by']).toBeUndefined();
  }
});

test('server: unknown paths and wrong methods get problem details', async () => {
  const { url } = await startServer({ '/hello': hello });
  const nothing = await request(url).get('/nothing?a=b');
  expect(nothing.headers['content-type']).toBe('application/problem+json; charset=utf-8');
  expect(JSON.parse(nothing.text)).toEqual({
    title: 'Not Found',
    status: 404,
    detail: 'Not found. Paths: /hello.',
  });
  const deleted = await request(url).delete('/hello');
  expect(deleted.headers['allow']).toBe('GET');
  expect(JSON.parse(deleted.text)).toEqual({
    title: 'Method Not Allowed',
    status: 405,
    detail: 'Found method DELETE; expected GET.',
  });
});

test('server: a route matches its exact path in every form of a request target, and no other spelling', async () => {
  const { port } = await startServer({ '/hello': hello });
  const statusOf = async (target: string) => {
    const answer = await sendBytes(port, `GET ${target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
    return Number(answer.split(' ')[1]);
  };
  for (const target of ['/hello', '/hello?', '/hello?a=/b', '/hello?a\\b', 'http://keys.example/hello?a']) {
    expect(await statusOf(target), target).toBe(200);
  }
  for (const target of ['/hello/', '/HELLO', '//hello', '/./hello', '/%68ello', '/a/../hello', '//x/hello']) {
    expect(await statusOf(target), target).toBe(404);
  }
  for (const target of ['*', 'ftp://x/hello', 'http://']) expect(await statusOf(target), target).toBe(400);
});

test('server: a well-formed X-Request-Id is used in the response and the log; any other is replaced', async () => {
  const { url, entries } = await startServer({ '/hello': hello });
  const idOf = async (given: string) =>
    (await request(url).get('/hello').set('X-Request-Id', given)).headers['x-request-id'];
  for (const sane of ['a', 'build-17.retry_2', 'x'.repeat(64)]) expect(await idOf(sane)).toBe(sane);
  for (const odd of ['x'.repeat(65), 'a b', 'a,b', '<b>', 'ü', '{"a":1}']) {
    expect(await idOf(odd), odd).toMatch(/^[\w-]{16}$/);
  }
  await expect.poll(() => entries.length).toBeGreaterThanOrEqual(3);
  expect(entries.slice(0, 3).map(({ requestId }) => requestId)).toEqual(['a', 'build-17.retry_2', 'x'.repeat(64)]);
});

test('server: a request is one log line, without query, headers and body', async () => {
  const post: Route = { methods: ['POST'], handle: hello.handle };
  const { url, entries } = await startServer({ '/hello': post });
  await request(url)
    .post('/hello?secret=KTCANARY')
    .set('Authorization', 'Bearer KTCANARY')
    .send({ password: 'KTCANARY' });
  expect(entries).toEqual([
    {
      level: 'info',
      time: expect.any(String),
      pid: process.pid,
      requestId: expect.any(String),
      method: 'POST',
      path: '/hello',
      status: 200,
      durationMs: expect.any(Number),
      isCutShort: false,
      msg: 'request',
    },
  ]);
});

test('server: a long path is truncated in the log', async () => {
  const { url, entries } = await startServer({ '/hello': hello });
  await request(url).get(`/${'x'.repeat(8000)}`);
  expect(String(entries[0]?.['path'])).toHaveLength(200);
});

test('server: an unexpected error of a handler is logged and not shown', async () => {
  const fails: Route = {
    handle: async () => {
      await new Promise(setImmediate);
      throw new Error('KTCANARY in the message');
    },
  };
  const { url, entries } = await startServer({ '/fails': fails });
  const answer = await request(url).get('/fails').set('X-Request-Id', 'r1');
  expect(JSON.parse(answer.text)).toEqual({
    title: 'Internal Server Error',
    status: 500,
    detail: 'Internal error. The log of the gateway has the details under request id r1.',
  });
  expect(entries[0]).toMatchObject({ level: 'error', requestId: 'r1', err: { message: 'KTCANARY in the message' } });
});

test('server: a response that fails half way is cut off, so that clients notice', async () => {
  const fails: Route = {
    handle: (_request, response) => {
      response.writeHead(200, { 'Content-Length': 100 });
      response.write('half');
      throw new Error('broken');
    },
  };
  const { url, entries } = await startServer({ '/fails': fails });
  await expect(request(url).get('/fails')).rejects.toThrow();
  await expect.poll(() => entries.find(({ msg }) => msg === 'request')).toMatchObject({ isCutShort: true });
});

test('server: a RequestError is sent with its status, message and Retry-After', async () => {
  const { url } = await startServer({
    '/many': refuse(rateLimited('Too many attempts.', 1500)),
    '/who': refuse(unauthenticated('Who is it?')),
    '/later': refuse(unavailable('The database does not answer.')),
  });
  const many = await request(url).get('/many');
  expect([many.status, many.headers['retry-after'], JSON.parse(many.text)]).toEqual([
    429,
    '2',
    { title: 'Too Many Requests', status: 429, detail: 'Too many attempts. Try again in 2 seconds.' },
  ]);
  expect((await request(url).get('/who')).status).toBe(401);
  const later = await request(url).get('/later');
  expect([later.status, later.headers['retry-after']]).toEqual([503, '1']);
});

test('server: a handler that gets only the request finds its request id and client address', async () => {
  const echoRoute: Route = {
    handle: (incoming, response) => {
      const { requestId, address } = exchangeOf(incoming);
      sendJson(response, 200, { requestId, address });
    },
  };
  const { url } = await startServer(
    { '/echo': echoRoute },
    { proxies: [{ address: '127.0.0.1', prefix: 32, family: 'ipv4' }] },
  );
  const answer = await request(url).get('/echo').set('X-Request-Id', 'r1').set('X-Forwarded-For', '192.0.2.7');
  expect(answer.body).toEqual({ requestId: 'r1', address: '192.0.2.7' });
});

test('server: a head that is too large, or has too many headers, gets 431', async () => {
  const { port, url, entries } = await startServer({ '/hello': hello });
  const big = await sendBytes(
    port,
    `GET /hello HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${'k'.repeat(1_000_000)}\r\n\r\n`,
  );
  expect(big).toMatch(/^HTTP\/1\.1 431 Request Header Fields Too Large\r\n/);
  expect(big).toContain('"detail":"The head of the request is too large; at most 16 kB and 100 headers are accepted."');
  expect(big.toLowerCase()).toContain('x-content-type-options: nosniff');
  // Host and Connection are headers too.
  for (const [count, status] of [
    [10_000, 431],
    [1_000, 431],
    [99, 431],
    [98, 200],
  ] as const) {
    const headers = Array.from({ length: count }, (_, index) => `h${index}: v\r\n`).join('');
    const answer = await sendBytes(port, `GET /hello HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${headers}\r\n`);
    expect(answer.split(' ')[1], String(count)).toBe(String(status));
    expect(answer.includes('100 headers')).toBe(status === 431);
  }
  expect((await request(url).get('/hello')).status).toBe(200);
  await expect.poll(() => entries.map(({ status }) => status)).toEqual([431, 431, 431, 431, 200, 200]);
});

test('server: a malformed request gets 400, is logged, and its bytes are never shown', async () => {
  const { port, entries } = await startServer({ '/hello': hello });
  const bytes = [
    'KTCANARY\r\n\r\n',
    'GET /\0KTCANARY HTTP/1.1\r\n\r\n',
    'GET /hello HTTP/1.1\r\nHost: x\r\nA\u00e9\0: b\r\n\r\n',
  ];
  for (const text of bytes) expect(await sendBytes(port, text)).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/);
  // Two lengths, or a length beside chunks: a way to smuggle a second request past a proxy (RFC 9112, section 6.3).
  const smuggled = 'Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n';
  expect(await sendBytes(port, `POST /hello HTTP/1.1\r\nHost: x\r\n${smuggled}`)).toMatch(/^HTTP\/1\.1 400 /);
  // No Host (RFC 9112, section 3.2).
  expect(await sendBytes(port, 'GET /hello HTTP/1.1\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 /);
  expect(JSON.stringify(entries)).not.toContain('KTCANARY');
  expect(entries.filter(({ msg }) => msg === 'malformed request').length).toBeGreaterThanOrEqual(4);
});

test.each([
  ['has sent nothing', '', []],
  ['has sent a part of its head', 'GET /counts HTTP/1.1\r\n', ['HTTP/1.1 408']],
])(
  'server: after the time for a request is over, none is handled of a client that %s',
  async (_what, sentBefore, statuses) => {
    let handledCount = 0;
    const counts: Route = { handle: (_request, response) => sendJson(response, 200, { count: (handledCount += 1) }) };
    const { server, port } = await startServer({ '/counts': counts });
    const accepted = once(server, 'connection');
    const client = connect(port, '127.0.0.1');
    let received = '';
    client.on('data', (chunk: Buffer) => (received += chunk.toString())).on('error', () => undefined);
    const [socket] = (await accepted) as [Socket];
    const ended = Promise.all([socket, client].map((one) => new Promise((resolve) => one.once('close', resolve))));
    client.write(sentBefore);
    await waitFor(() => expect(socket.bytesRead).toBe(sentBefore.length));
    // What the server's timers do then, before the rest has been read.
    server.emit('clientError', Object.assign(new Error('timeout'), { code: 'ERR_HTTP_REQUEST_TIMEOUT' }), socket);
    client.write(`${sentBefore === '' ? 'GET /counts HTTP/1.1\r\n' : ''}Host: keytide.test\r\n\r\n`);
    await ended;
    expect(received.match(/HTTP\/1\.1 \d+/g) ?? []).toEqual(statuses);
    expect(handledCount).toBe(0);
  },
);

test('server: garbage after a request does not corrupt the response in progress', async () => {
  const slow = Promise.withResolvers<void>();
  const streams: Route = {
    handle: async (_request, response) => {
      response.writeHead(200, { 'Content-Type': 'text/event-stream' });
      response.write('data: one\n\n');
      await slow.promise;
    },
  };
  const { port } = await startServer({ '/streams': streams });
  const received = await sendBytes(port, 'GET /streams HTTP/1.1\r\nHost: x\r\n\r\n', 'garbage\r\n\r\n');
  slow.resolve();
  expect(received).not.toContain('400 Bad Request');
});

test('server: durations are observed by route and status, unknown paths under one name', async () => {
  const { url, metrics } = await startServer({
    '/hello': hello,
    '/metrics': { handle: (...all) => metrics.handle(...all) },
  });
  await request(url).get('/hello');
  await request(url).get('/hello');
  for (let index = 0; index < 5; index += 1) await request(url).get(`/unknown${index}`);
  const { text } = await request(url).get('/metrics');
  expect(text).toContain('keytide_http_request_duration_seconds_count{route="/hello",status="200"} 2');
  expect(text).toContain('keytide_http_request_duration_seconds_count{route="none",status="404"} 5');
  expect(text).not.toContain('unknown');
});
