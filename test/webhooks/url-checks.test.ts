import { expect, test } from 'vitest';
import { newId } from '../../src/domain/id.ts';
import { SsrfGuard } from '../../src/outbound/ssrf-guard.ts';
import { isPublicAddress } from '../../src/outbound/special-addresses.ts';
import { mutationQuery } from '../support/mutation-query.ts';
import { openReceiver } from '../support/receiver.ts';
import { openWebhookWorld } from '../support/webhook-world.ts';
import { refusedUrls, resolvedNames } from './refused-urls.ts';

const resolve = async (name: string) => {
  const found = resolvedNames[name];
  if (found === undefined) throw new Error('ENOTFOUND');
  return found;
};

test('webhook: the SSRF guard refuses URLs with an address that is not public, when they are set and when they are used', async () => {
  const receiver = await openReceiver();
  const ports = [443, receiver.port];
  const world = await openWebhookWorld({ allowedHosts: [], plainHosts: [], ports, resolve });
  const { prisma, clock, services } = world.gateway;
  expect(refusedUrls.length).toBeGreaterThanOrEqual(60);
  const token = await world.gateway.session(world.olga.id);
  const urls = refusedUrls.map((url) => url.replaceAll('<port>', String(receiver.port)));
  for (const url of urls) {
    const query = mutationQuery('createWebhook', 'webhook { id }');
    const { data } = await world.gateway.ask(query, { input: { url } }, token);
    expect([url, data?.['createWebhook']]).toEqual([
      url,
      expect.objectContaining({ code: 'WEBHOOK_URL_NOT_ALLOWED', path: ['input', 'url'] }),
    ]);
  }
  // Whoever got past that, and whatever changed since, is refused again.
  const head = (await prisma.logHead.findFirstOrThrow()).position;
  const now = clock.now();
  const rows = urls.map((url) => ({
    id: newId('webhook', now, services.random),
    accountId: world.olga.id,
    url,
    description: '',
    labels: [],
    types: ['KEY_HELD'],
    keyIds: [],
    createdAt: now,
    changedAt: now,
    position: head,
    dueAt: now,
  }));
  await prisma.webhook.createMany({ data: rows });
  await world.hold(await world.key());
  await world.advance(2_000);
  const attempts = await prisma.webhookAttempt.findMany();
  expect(new Set(attempts.map(({ webhookId }) => webhookId)).size).toBe(urls.length);
  expect(attempts.filter(({ status }) => status !== null)).toEqual([]);
  expect(receiver.connectionCount()).toBe(0);
  const { text } = await (async () => ({ text: await (await fetch(`${world.gateway.url}/metrics`)).text() }))();
  expect(text).toMatch(new RegExp(`keytide_webhook_attempts_total{outcome="REFUSED"} ${attempts.length}\\n`));
});

test('webhook: DNS rebinding to a private address is refused', async () => {
  const receiver = await openReceiver();
  const answers = [['93.184.215.14'], ['127.0.0.1']];
  let asked = 0;
  const rebinding = async () => answers[asked++] ?? ['127.0.0.1'];
  const world = await openWebhookWorld({
    allowedHosts: [],
    plainHosts: [],
    ports: [receiver.port],
    resolve: rebinding,
  });
  const { id } = await world.webhook({ url: `https://rebinding.example:${receiver.port}/` });
  await world.settle();
  expect(asked).toBe(2);
  expect(receiver.connectionCount()).toBe(0);
  expect(await world.gateway.prisma.webhookAttempt.findFirstOrThrow({ where: { webhookId: id } })).toMatchObject({
    status: null,
    error: 'Its host has an address outside the public internet.',
  });
});

test('webhook: a request goes to the address that was checked, without resolving the name again', async () => {
  const receiver = await openReceiver();
  const asked: string[] = [];
  const world = await openWebhookWorld({
    allowedHosts: [{ address: '127.0.0.0', prefix: 8, family: 'ipv4' }],
    plainHosts: ['hooks.example'],
    ports: [receiver.port],
    resolve: async (name) => {
      asked.push(name);
      return ['127.0.0.1'];
    },
  });
  await world.webhook({ url: `http://hooks.example:${receiver.port}/` }, { filter: { types: ['KEY_HELD'] } });
  await world.hold(await world.key());
  await world.settle();
  expect(receiver.received.map(({ headers }) => headers.host)).toEqual([`hooks.example:${receiver.port}`]);
  expect(asked).toEqual(['hooks.example', 'hooks.example']);
});

test.each(['1.1.1.1', '93.184.215.14', '172.15.255.255', '172.32.0.1', '223.255.255.255', '2606:4700:4700::1111'])(
  'webhook: %s is a public address',
  (address) => {
    expect(isPublicAddress(address)).toBe(true);
  },
);

test('webhook: settings allow the configured hosts and no others', async () => {
  const addresses = new SsrfGuard(
    {
      allowedHosts: ['private.example', { address: '10.0.0.0', prefix: 8, family: 'ipv4' }],
      plainHosts: ['plain.example'],
      ports: [443, 80, 8443],
    },
    async (name) => ({ 'plain.example': ['1.1.1.1'], 'ten.example': ['10.1.2.3'] })[name] ?? ['127.0.0.1'],
  );
  const check = async (url: string) => (await addresses.check(url)) as object;
  for (const url of [
    'https://private.example/',
    'https://10.9.9.9:8443/',
    'https://ten.example/',
    'http://plain.example/',
  ]) {
    expect([url, await check(url)]).toEqual([url, { addresses: [expect.any(String)] }]);
  }
  for (const url of [
    'http://private.example/',
    'https://other.example/',
    'https://11.0.0.1:8444/',
    'https://sub.private.example/',
  ]) {
    expect([url, await check(url)]).toEqual([url, { problem: expect.any(String) }]);
  }
});
