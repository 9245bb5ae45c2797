import { Agent, get } from 'node:http';
import { once } from 'node:events';
import { connect } from 'node:net';
import { expect, test } from 'vitest';
import { drainServer } from '../../src/http/drain-server.ts';
import type { Route } from '../../src/http/find-route.ts';
import { ManualClock } from '../support/clock.ts';
import { sendBytes, startServer } from '../support/http-server.ts';

/** Returns a route that responds when `open` is called; `asked` resolves when a request has arrived. */
function gate(): { route: Route; asked: Promise<void>; open: () => void } {
  const asked = Promise.withResolvers<void>();
  const opened = Promise.withResolvers<void>();
  const route: Route = {
    handle: async (_request, response) => {
      asked.resolve();
      await opened.promise;
      response.end('done');
    },
  };
  return { route, asked: asked.promise, open: opened.resolve };
}

function fetchText(port: number, agent: Agent): Promise<string> {
  return new Promise((resolve, reject) => {
    get({ port, host: '127.0.0.1', path: '/', agent }, (response) => {
      let text = '';
      response.on('data', (chunk: Buffer) => (text += chunk.toString()));
      response.on('end', () => resolve(text));
    }).once('error', reject);
  });
}

test('drain: running requests finish on their kept-alive connection while new connections are refused', async () => {
  const { route, asked, open } = gate();
  const { server, port } = await startServer({ '/': route });
  const agent = new Agent({ keepAlive: true });
  const running = fetchText(port, agent);
  await asked;
  let isDrained = false;
  const drained = drainServer(server, { clock: new ManualClock(), limitMs: 20_000 }).finally(() => (isDrained = true));
  await expect(sendBytes(port, 'GET / HTTP/1.1\r\nHost: x\r\n\r\n')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  expect(isDrained).toBe(false);
  open();
  expect(await running).toBe('done');
  // The client keeps the connection alive and the clock is frozen, so only the server can close it.
  expect(await drained).toBe('FINISHED');
  agent.destroy();
});

test('drain: a client that reads slowly gets all of a response whose last byte was already written', async () => {
  const body = Buffer.alloc(32 * 1024 * 1024, 'x');
  const ended = Promise.withResolvers<void>();
  const handle: Route['handle'] = (_request, response) => {
    response.writeHead(200, { 'Content-Length': body.length }).end(body);
    setImmediate(ended.resolve);
  };
  const { server, port } = await startServer({ '/': { handle } });
  const socket = connect(port, '127.0.0.1').pause();
  socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
  await ended.promise;
  const drained = drainServer(server, { clock: new ManualClock(), limitMs: 20_000 });
  let receivedCount = 0;
  socket.on('data', (chunk: Buffer) => (receivedCount += chunk.length)).resume();
  await once(socket, 'close');
  expect(receivedCount).toBeGreaterThan(body.length);
  expect(await drained).toBe('FINISHED');
});

test('drain: idle connections are closed at once', async () => {
  const { route, open } = gate();
  open();
  const { server, port } = await startServer({ '/': route });
  const agent = new Agent({ keepAlive: true });
  expect(await fetchText(port, agent)).toBe('done');
  expect(await drainServer(server, { clock: new ManualClock(), limitMs: 20_000 })).toBe('FINISHED');
  agent.destroy();
});

test('drain: a connection on which no request was begun is closed at once', async () => {
  const { route } = gate();
  const { server, port } = await startServer({ '/': route });
  const accepted = once(server, 'connection');
  const client = connect(port, '127.0.0.1');
  await accepted;
  expect(await drainServer(server, { clock: new ManualClock(), limitMs: 20_000 })).toBe('FINISHED');
  client.destroy();
});

test('drain: a further request on an open connection is answered with Connection: close', async () => {
  const { route, asked, open } = gate();
  const { server, port } = await startServer({ '/': route });
  const second = 'GET / HTTP/1.1\r\nHost: x\r\n\r\n';
  const socket = connect(port, '127.0.0.1');
  let received = '';
  socket.on('data', (chunk: Buffer) => (received += chunk.toString()));
  const closed = new Promise((resolve) => socket.once('close', resolve));
  socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
  await asked;
  const drained = drainServer(server, { clock: new ManualClock(), limitMs: 20_000 });
  const askedAgain = new Promise((resolve) => server.once('request', resolve));
  socket.write(second);
  await askedAgain;
  open();
  await closed;
  expect(received.match(/HTTP\/1\.1 200 OK/g)).toHaveLength(2);
  expect(received).toContain('Connection: close');
  expect(await drained).toBe('FINISHED');
});

test('drain: at the limit running requests are cut off', async () => {
  const { route, asked } = gate();
  const { server, port } = await startServer({ '/': route });
  const clock = new ManualClock();
  const running = fetchText(port, new Agent());
  const failed = expect(running).rejects.toThrow();
  await asked;
  const drained = drainServer(server, { clock, limitMs: 20_000 });
  clock.advance(20_000);
  expect(await drained).toBe('CUT_SHORT');
  await failed;
});

test('drain: upgraded sockets are left to their owner', async () => {
  const { server, port } = await startServer({});
  const upgraded = new Promise<import('node:stream').Duplex>((resolve) =>
    server.once('upgrade', (_request, socket) => {
      socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: test\r\n\r\n');
      resolve(socket);
    }),
  );
  const received = sendBytes(port, 'GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: test\r\n\r\n');
  const socket = await upgraded;
  const drained = drainServer(server, { clock: new ManualClock(), limitMs: 20_000 });
  socket.end('goodbye');
  expect(await received).toMatch(/goodbye$/);
  expect(await drained).toBe('FINISHED');
});

test('drain: a server that is not listening has drained', async () => {
  const { server } = await startServer({});
  const clock = new ManualClock();
  expect(await drainServer(server, { clock, limitMs: 1 })).toBe('FINISHED');
  expect(await drainServer(server, { clock, limitMs: 1 })).toBe('FINISHED');
});
