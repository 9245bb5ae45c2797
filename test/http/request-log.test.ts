import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import request from 'supertest';
import { expect, test } from 'vitest';
import type { Route } from '../../src/http/find-route.ts';
import { sendJson } from '../../src/http/responses.ts';
import { newSecret } from '../../src/domain/secret.ts';
import { LogSink } from '../../src/logging/log-sink.ts';
import { createLogger, sinkOf } from '../../src/logging/logger.ts';
import { systemRandom } from '../../src/store/random.ts';
import { ManualClock } from '../support/clock.ts';
import { sendBytes, startServer } from '../support/http-server.ts';

const ok: Route = { handle: (_request, response) => sendJson(response, 200, {}) };

const fails: Route = {
  handle: () => {
    throw new Error('broken');
  },
};

test('request log: a secret in an unknown path or a request id is redacted, and the line is JSON for any path', async () => {
  const secret = newSecret(systemRandom).reveal();
  const { port, entries } = await startServer({ '/': ok });
  for (const path of [`/${secret}`, `/"quoted"\\`, '/postgres://me:hunter2@db/x']) {
    await sendBytes(port, `GET ${path} HTTP/1.1\r\nHost: x\r\nX-Request-Id: ${secret}\r\nConnection: close\r\n\r\n`);
  }
  await expect.poll(() => entries.length).toBe(3);
  expect(entries.map(({ path }) => path)).toEqual(['/kt_[secret]', '/"quoted"\\', '/postgres://me:[secret]@db/x']);
  expect(JSON.stringify(entries)).not.toContain(secret.slice(3, 30));
});

test('request log: the lines of a turn are written together, in the order of all entries, and are pretty on a terminal', async () => {
  const written: string[] = [];
  const write = (text: string) => void written.push(text);
  const logger = createLogger({ level: 'info', format: 'pretty', isTerminal: false, isColored: false, write });
  const sink = sinkOf(logger);
  const line = (status: number) =>
    `{"level":"info","time":"2030-01-01T00:00:00.000Z","status":${status},"msg":"request"}\n`;
  sink.append(line(200));
  sink.append(line(201));
  expect(written).toEqual([]);
  logger.warn('in between');
  expect(written).toHaveLength(2);
  expect(written[0]).toMatch(/INFO: request\n {4}status: 200\n.*INFO: request\n {4}status: 201\n$/);
  expect(written[1]).toContain('WARN: in between');
  sink.append(line(202));
  await new Promise(setImmediate);
  expect(written).toHaveLength(3);
});

test('request log: under load the lines of up to 25 ms are written together, and a line of another kind at once', async () => {
  const written: string[] = [];
  const sink = new LogSink({ format: (line) => line, write: (text) => void written.push(text), nowMs: () => 0 });
  const turns = 50;
  for (let turn = 0; turn < turns; turn += 1) {
    sink.append(`${turn}\n`);
    await new Promise(setImmediate);
  }
  // The first turn is not made to wait, so that a quiet gateway logs at once.
  expect(written[0]).toBe('0\n');
  expect(written.length).toBeLessThan(8);
  await expect.poll(() => written.join('')).toBe(Array.from({ length: turns }, (_, turn) => `${turn}\n`).join(''));
  sink.append('waits\n');
  sink.write('failed\n');
  expect(written.slice(-2)).toEqual(['waits\n', 'failed\n']);
  const count = written.length;
  sink.append('x'.repeat(100_000));
  expect(written).toHaveLength(count + 1);
});

test('request log: above the rate the first of each second are logged, with all failures and the number of the others', async () => {
  const clock = new ManualClock();
  const { url, entries } = await startServer({ '/ok': ok, '/fails': fails }, { requestLinesPerSecond: 2, clock });
  const ask = async (path: string, count: number) => {
    for (let index = 0; index < count; index += 1) await request(url).get(path);
  };
  const statuses = () => entries.filter(({ msg }) => msg === 'request').map(({ status }) => status);
  await ask('/ok', 10);
  await ask('/fails', 3);
  await expect.poll(statuses).toEqual([200, 200, 500, 500, 500]);
  clock.advance(1_000);
  expect(entries.at(-1)).toMatchObject({ level: 'info', msg: 'requests not logged', count: 8 });
  // A second without more requests than the rate logs all of them, and nothing else.
  entries.length = 0;
  await ask('/ok', 2);
  await expect.poll(statuses).toEqual([200, 200]);
  clock.advance(1_000);
  expect(entries).toHaveLength(2);
});

test('request log: a process that ends by an uncaught exception has written the lines of its last turn', async () => {
  const child = fork(fileURLToPath(new URL('crashing-server.ts', import.meta.url)), {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  let written = '';
  child.stdout?.on('data', (chunk: Buffer) => (written += chunk.toString()));
  const [port] = (await once(child, 'message')) as [number];
  const closed = once(child, 'close');
  await sendBytes(port, 'GET /ok HTTP/1.1\r\nHost: x\r\n\r\nGET /crash HTTP/1.1\r\nHost: x\r\n\r\n');
  await closed;
  const lines = written
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(lines.map(({ msg, path }) => [msg, path])).toEqual([
    ['request', '/ok'],
    ['request', '/crash'],
    ['uncaught exception', undefined],
  ]);
});
