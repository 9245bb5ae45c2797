import { connect } from 'node:net';
import { once } from 'node:events';
import request from 'supertest';
import { expect, test } from 'vitest';
import { connectionsOf } from '../../src/http/connections.ts';
import type { Route } from '../../src/http/find-route.ts';
import { sendJson } from '../../src/http/responses.ts';
import { sendBytes, startServer } from '../support/http-server.ts';

const get = (path: string, ...headers: string[]) =>
  `GET ${path} HTTP/1.1\r\nHost: x\r\n${headers.map((header) => `${header}\r\n`).join('')}\r\n`;

/** Returns a route that responds with its number in the order of handling, and notes when it is handled. */
function numbered(handled: string[]): Route {
  return {
    handle: (incoming, response) => {
      handled.push(incoming.url ?? '');
      sendJson(response, 200, { url: incoming.url });
    },
  };
}

test('turn: pipelined requests are answered in their order, each with its own body and id', async () => {
  const handled: string[] = [];
  const { port, entries } = await startServer({ '/': numbered(handled) });
  const requests = Array.from({ length: 20 }, (_, index) => get(`/?${index}`, `X-Request-Id: r${index}`));
  const received = await sendBytes(port, requests.join(''), get('/?last', 'Connection: close'));
  const urls = [...received.matchAll(/\{"url":"(.*?)"\}/g)].map(([, url]) => url);
  expect(urls).toEqual([...requests.keys()].map((index) => `/?${index}`).concat('/?last'));
  expect(handled).toEqual(urls);
  const ids = [...received.matchAll(/X-Request-Id: (\S+)/g)].map(([, id]) => id);
  expect(ids.slice(0, 20)).toEqual([...requests.keys()].map((index) => `r${index}`));
  await expect.poll(() => entries.length).toBe(21);
});

test('turn: an upgrade that follows a request on its connection has its answer after it', async () => {
  const opened = Promise.withResolvers<void>();
  const slow: Route = {
    handle: async (_request, response) => {
      await opened.promise;
      sendJson(response, 200, { first: true });
    },
  };
  const { server, port } = await startServer({ '/': slow });
  connectionsOf(server).onUpgrade((_request, socket) => socket.end('HTTP/1.1 101 Switching Protocols\r\n\r\nhello'));
  const upgrade = get('/socket', 'Connection: Upgrade', 'Upgrade: test');
  const received = [sendBytes(port, get('/'), upgrade), sendBytes(port, get('/') + upgrade)];
  await expect.poll(() => new Promise((resolve) => server.getConnections((_error, count) => resolve(count)))).toBe(2);
  // Each request and its upgrade have arrived.
  await new Promise(setImmediate);
  opened.resolve();
  for (const text of await Promise.all(received))
    expect(text).toMatch(/^HTTP\/1.1 200 [^]*\{"first":true\}HTTP\/1.1 101 [^]*hello$/);
});

test('turn: requests that arrive together are handled together, and then answered; each log line is whole', async () => {
  const order: string[] = [];
  const route: Route = {
    handle: (incoming, response) => {
      order.push(`handle ${incoming.url}`);
      response.once('finish', () => order.push(`finish ${incoming.url}`));
      sendJson(response, 200, {});
    },
  };
  const { server, port, entries } = await startServer({ '/': route });
  const sockets = [];
  for (let count = 0; count < 3; count += 1) {
    const accepted = once(server, 'connection');
    sockets.push(connect(port, '127.0.0.1'));
    await accepted;
  }
  const answered = sockets.map((socket) => once(socket, 'data'));
  // The server reads all three in one turn, because it cannot run before they are sent.
  for (const [index, socket] of sockets.entries()) socket.write(get(`/?${'abc'[index]}`));
  await Promise.all(answered);
  expect(order.filter((line) => line.startsWith('handle'))).toHaveLength(3);
  expect(order.slice(0, 3).every((line) => line.startsWith('handle'))).toBe(true);
  await expect.poll(() => entries.length).toBe(3);
  for (const socket of sockets) socket.destroy();
});

test('turn: a request that fails does not affect the others of its turn', async () => {
  const failing: Route = {
    handle: () => {
      throw new Error('broken');
    },
  };
  const { port } = await startServer({ '/': numbered([]), '/fails': failing });
  const received = await sendBytes(port, get('/?a') + get('/fails') + get('/?b', 'Connection: close'));
  expect(received.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 200', 'HTTP/1.1 500', 'HTTP/1.1 200']);
});

test('response: a handler reads and replaces the headers of every response, however it sets its own', async () => {
  const seen: unknown[] = [];
  const byName: Route = {
    handle: (_request, response) => {
      seen.push(response.getHeader('cache-control'), response.hasHeader('x-request-id'), response.getHeaderNames());
      response.removeHeader('Referrer-Policy');
      response.setHeader('cache-control', 'max-age=1');
      response.writeHead(200, { 'X-Frame-Options': 'SAMEORIGIN', 'X-Other': ['a', 'b'] }).end('ok');
    },
  };
  const atOnce: Route = {
    handle: (_request, response) => {
      response.writeHead(200, { 'cache-control': 'max-age=2', 'X-Other': ['a', 'b'] });
      response.end('ok');
    },
  };
  const list: Route = {
    handle: (_request, response) => void response.writeHead(200, ['X-Other', 'a']).end('ok'),
  };
  const implicit: Route = { handle: (_request, response) => void response.end('ok') };
  const { url } = await startServer({ '/by-name': byName, '/at-once': atOnce, '/list': list, '/implicit': implicit });
  const headersOf = async (path: string) => (await request(url).get(path)).headers;
  const first = await headersOf('/by-name');
  expect(seen.slice(0, 2)).toEqual(['no-store', true]);
  expect(seen[2]).toContain('referrer-policy');
  expect(first).toMatchObject({ 'cache-control': 'max-age=1', 'x-frame-options': 'SAMEORIGIN', 'x-other': 'a, b' });
  expect(first['referrer-policy']).toBeUndefined();
  expect(first['x-request-id']).toMatch(/^[\w-]{16}$/);
  const second = await headersOf('/at-once');
  expect(second).toMatchObject({ 'cache-control': 'max-age=2', 'referrer-policy': 'no-referrer', 'x-other': 'a, b' });
  for (const path of ['/list', '/implicit']) {
    expect(await headersOf(path)).toMatchObject({ 'cache-control': 'no-store', 'x-frame-options': 'DENY' });
  }
  expect((await headersOf('/list'))['x-other']).toBe('a');
});
