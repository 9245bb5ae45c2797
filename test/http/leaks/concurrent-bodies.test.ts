import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { GithubSigner, openLeakWorld, type LeakWorld } from '../../support/leak-world.ts';
import { waitFor } from '../../support/wait-for.ts';

/** In bytes, as announced: all that a report may have. */
const LENGTH = 2_000_000;

/** Somebody who announces a body, and sends a part of it. */
async function begin({ gateway }: LeakWorld, path: string, headers: Record<string, string>, part = Buffer.alloc(0)) {
  const { hostname, port } = new URL(gateway.url);
  const socket = connect({ host: hostname, port: Number(port) });
  onTestFinished(() => void socket.destroy());
  socket.on('error', () => undefined);
  const lines = Object.entries({ Host: 'keytide.test', 'Content-Length': String(LENGTH), ...headers });
  socket.write(`POST ${path} HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`);
  socket.write(part);
  return { socket, answer: answerOf(socket) };
}

async function answerOf(socket: Socket): Promise<string> {
  const [bytes] = await once(socket, 'data');
  return String(bytes);
}

test('leaks: a report with bad headers is refused before its body arrives', async () => {
  const leaks = await openLeakWorld();
  const { gateway, github, scanner } = leaks;
  const now = gateway.clock.now();
  const late = new Date(now.getTime() - 6 * 60_000);
  const standard = (at: Date) => ({
    'webhook-id': 'a',
    'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
    'webhook-signature': scanner.sign('a', at, '[]'),
  });
  const { ['Github-Public-Key-Signature']: signature = '' } = github.headers('[]');
  const cases: [string, string, Record<string, string>][] = [
    ['unsigned', '/leaks/github', {}],
    ['without an identifier', '/leaks/github', { 'Github-Public-Key-Signature': signature }],
    ['with no base64', '/leaks/github', { ...github.headers('[]'), 'Github-Public-Key-Signature': '~~~' }],
    ['by an unknown key', '/leaks/github', new GithubSigner().headers('[]')],
    ['unsigned, to another path', '/leaks/scanner', {}],
    ['with a moment that is over', '/leaks/scanner', standard(late)],
    ['with no moment', '/leaks/scanner', { ...standard(now), 'webhook-timestamp': 'now' }],
  ];
  for (const [title, path, headers] of cases) {
    const { answer } = await begin(leaks, path, headers);
    expect(await answer, title).toMatch(/^HTTP\/1\.1 400 /);
  }
});

test('leaks: only a few unfinished bodies are read at once, and a complete report still gets through', async () => {
  const leaks = await openLeakWorld();
  const { secret } = await leaks.world.key();
  const headers = leaks.github.headers('[]');
  const part = Buffer.alloc(LENGTH - 1, 'a');
  const answers: string[] = [];
  for (let count = 0; count < 20; count += 1) {
    const { answer } = await begin(leaks, '/leaks/github', headers, part);
    void answer.then(
      (text) => answers.push(text),
      () => undefined,
    );
  }
  await waitFor(() => expect(answers).toHaveLength(12));
  for (const answer of answers) {
    expect(answer).toMatch(/^HTTP\/1\.1 503 /);
    expect(answer).toMatch(/\r\nRetry-After: 1\r\n/);
  }
  expect((await leaks.report(leaks.record(secret))).labels).toEqual(['true_positive']);
  await waitFor(() => expect(answers).toHaveLength(13));
  // Those that are read may still end.
  expect((await leaks.report(leaks.record(secret))).labels).toEqual(['true_positive']);
});
