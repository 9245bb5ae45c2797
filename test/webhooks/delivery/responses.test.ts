import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { expect, onTestFinished, test } from 'vitest';
import { openReceiver, type ResponseHandler } from '../../support/receiver.ts';
import { loopbackWebhooks, openWebhookWorld } from '../../support/webhook-world.ts';

const held = { filter: { types: ['KEY_HELD'] } };

function pem(name: string): string {
  return readFileSync(new URL(`../../support/certificates/${name}`, import.meta.url), 'utf8');
}

test.each<[string, ResponseHandler, { status: number | null; error: string | null }]>([
  ['never answers', () => undefined, { status: null, error: 'The receiver did not answer in time.' }],
  [
    'sends its head a byte at a time and never ends it',
    (response) => {
      const { socket } = response;
      const timer = setInterval(() => socket?.write('H'), 20);
      socket?.on('close', () => clearInterval(timer));
    },
    { status: null, error: expect.stringMatching(/^The (connection failed|receiver did not answer)/) },
  ],
  [
    'hangs up',
    (response) => response.socket?.destroy(),
    { status: null, error: 'The connection failed (ECONNRESET).' },
  ],
  [
    'accepts, and never comes to the end of its answer',
    (response) => {
      response.writeHead(200);
      const timer = setInterval(() => response.write('.'), 20);
      response.on('close', () => clearInterval(timer));
    },
    { status: 200, error: null },
  ],
  [
    'refuses, and never comes to the end of its answer',
    (response) => void response.writeHead(400).write('.'),
    { status: 400, error: 'The receiver answered 400.' },
  ],
])('webhook: a receiver that %s occupies a node no longer than the time limit', async (_title, answering, outcome) => {
  const receiver = await openReceiver();
  receiver.respondWith(answering);
  const world = await openWebhookWorld(loopbackWebhooks([receiver.port], { limitMs: 300 }));
  const { id } = await world.webhook(receiver, held);
  await world.hold(await world.key());
  await world.settle();
  expect(await world.gateway.prisma.webhookAttempt.findFirstOrThrow({ where: { webhookId: id } })).toMatchObject(
    outcome,
  );
});

test('webhook: at most 64 kB of an endless response are read', async () => {
  const receiver = await openReceiver();
  const cut = Promise.withResolvers<number>();
  receiver.respondWith((response) => {
    response.writeHead(200);
    let size = 0;
    const chunk = Buffer.alloc(16_000);
    const write = () => {
      do size += chunk.length;
      while (response.write(chunk) && size < 1e9);
    };
    response.on('drain', write);
    response.on('close', () => cut.resolve(size));
    write();
  });
  const world = await openWebhookWorld(loopbackWebhooks([receiver.port]));
  const { id } = await world.webhook(receiver, held);
  await world.hold(await world.key());
  await world.settle();
  // What was under way in the buffers of both sides comes to a few MB at most.
  expect(await cut.promise).toBeLessThan(20e6);
  expect(await world.row(id)).toMatchObject({ failuresInRow: 0, deliveredAt: expect.any(Date) });
});

test('webhook: the TLS certificate must match the host, although the address is pinned', async () => {
  const trusted = getCACertificates('default');
  onTestFinished(() => setDefaultCACertificates(trusted));
  setDefaultCACertificates([...trusted, pem('hooks.example.crt')]);
  const names: unknown[] = [];
  const receiver = await openReceiver((listener) => {
    const server = createServer({ cert: pem('hooks.example.crt'), key: pem('hooks.example.key') }, listener);
    server.on('secureConnection', (socket) => names.push(socket.servername));
    return server;
  });
  const allowedHosts = ['hooks.example', 'other.example'];
  const resolve = async () => ['127.0.0.1'];
  const world = await openWebhookWorld({ allowedHosts, plainHosts: [], ports: [receiver.port], resolve });
  await world.webhook({ url: `https://hooks.example:${receiver.port}/` }, held);
  const { id } = await world.webhook({ url: `https://other.example:${receiver.port}/` }, held);
  await world.hold(await world.key());
  await world.settle();
  expect(receiver.received).toHaveLength(1);
  expect(names).toContain('hooks.example');
  expect(await world.gateway.prisma.webhookAttempt.findFirstOrThrow({ where: { webhookId: id } })).toMatchObject({
    error: 'The connection failed (ERR_TLS_CERT_ALTNAME_INVALID).',
  });
});
