import { connect } from 'node:net';
import request from 'supertest';
import { expect, test } from 'vitest';
import type { Route } from '../../src/http/find-route.ts';
import { sendJson } from '../../src/http/responses.ts';
import { openGateway } from '../support/gateway.ts';
import { sendBytes, startServer } from '../support/http-server.ts';

test('load: beyond the limit a request gets 503 with Retry-After at once; health is served, and so is all once it is over', async () => {
  const opened = Promise.withResolvers<void>();
  const begun = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  let count = 0;
  const slow: Route = {
    handle: async (_request, response) => {
      begun[count]?.resolve();
      count += 1;
      await opened.promise;
      sendJson(response, 200, {});
    },
  };
  const quick: Route = { handle: (_request, response) => sendJson(response, 200, {}) };
  const { url, metrics, entries } = await startServer(
    {
      '/slow': slow,
      '/quick': quick,
      '/livez': { ...quick, isServedUnderLoad: true },
      '/metrics': { handle: (...all) => metrics.handle(...all), isServedUnderLoad: true },
    },
    { requestsInProgress: 2 },
  );
  const running = [fetch(`${url}/slow`), fetch(`${url}/slow`)];
  await Promise.all(begun.map(({ promise }) => promise));
  const shed = await request(url).get('/quick');
  expect([shed.status, shed.headers['retry-after'], JSON.parse(shed.text)]).toEqual([
    503,
    '1',
    {
      title: 'Service Unavailable',
      status: 503,
      detail: 'The gateway has too many requests in progress. Try again in 1 second.',
    },
  ]);
  expect((await request(url).get('/livez')).status).toBe(200);
  const { text } = await request(url).get('/metrics');
  expect(text).toContain('\nkeytide_http_requests_shed_total 1\n');
  opened.resolve();
  expect((await Promise.all(running)).map(({ status }) => status)).toEqual([200, 200]);
  expect((await request(url).get('/quick')).status).toBe(200);
  await expect.poll(() => entries.filter(({ status }) => status === 503)).toHaveLength(1);
});

test('load: a connection that closes before its response frees its place; a response that streams takes none', async () => {
  const streams: Route = {
    handle: (_request, response) => {
      response.writeHead(200, { 'Content-Type': 'text/event-stream' });
      response.write(':\n');
    },
  };
  const hangs: Route = { handle: () => new Promise<void>(() => undefined) };
  const quick: Route = { handle: (_request, response) => sendJson(response, 200, {}) };
  const { url, port } = await startServer(
    { '/streams': streams, '/hangs': hangs, '/quick': quick },
    { requestsInProgress: 1 },
  );
  const stop = new AbortController();
  const stream = await fetch(`${url}/streams`, { signal: stop.signal });
  expect(stream.status).toBe(200);
  const statusOfQuick = async () => (await request(url).get('/quick')).status;
  expect(await statusOfQuick()).toBe(200);
  const client = connect(port, '127.0.0.1', () => client.write('GET /hangs HTTP/1.1\r\nHost: x\r\n\r\n'));
  await expect.poll(statusOfQuick).toBe(503);
  client.resetAndDestroy();
  await expect.poll(statusOfQuick).toBe(200);
  stop.abort();
});

test('load: of the requests of one turn those are refused that came last, and what is refused anyway takes no place', async () => {
  const quick: Route = { handle: (_request, response) => sendJson(response, 200, {}) };
  const { port } = await startServer({ '/quick': quick }, { requestsInProgress: 2 });
  const requests = ['/no-such', '/quick', '/no-such', '/quick', '/quick'].map(
    (path, index) => `GET ${path} HTTP/1.1\r\nHost: x\r\n${index === 4 ? 'Connection: close\r\n' : ''}\r\n`,
  );
  const answers = await sendBytes(port, requests.join(''));
  expect([...answers.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status)).toEqual([
    '404',
    '200',
    '404',
    '200',
    '503',
  ]);
});

test('load: the refusal has the format of each route', async () => {
  const gateway = await openGateway({ serverLimits: { requestsInProgress: 0, requestLinesPerSecond: null } });
  const post = async (path: string, type: string, body: string) => {
    const headers = { 'Content-Type': type };
    const response = await fetch(`${gateway.url}${path}`, { method: 'POST', headers, body });
    expect([path, response.status, response.headers.get('retry-after')]).toEqual([path, 503, '1']);
    return (await response.json()) as Record<string, unknown>;
  };
  expect(await post('/graphql', 'application/json', '{"query":"{ __typename }"}')).toEqual({
    errors: [{ message: expect.stringContaining('too many'), extensions: { code: 'UNAVAILABLE', retryAfter: 1 } }],
  });
  expect(await post('/token', 'application/x-www-form-urlencoded', 'grant_type=x')).toMatchObject({
    error: 'temporarily_unavailable',
  });
  expect(await post('/verify', 'application/json', '{"secret":"x"}')).toMatchObject({ status: 503 });
  expect((await fetch(`${gateway.url}/readyz`)).status).toBe(200);
  const metrics = await (await fetch(`${gateway.url}/metrics`)).text();
  expect(metrics).toMatch(/\nkeytide_http_requests_in_progress 0\n/);
  expect(metrics).toMatch(/\nkeytide_http_requests_shed_total 3\n/);
});
