import { once } from 'node:events';
import { request } from 'node:http';
import { connect } from 'node:net';
import { createClient } from 'graphql-ws';
import { expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import { HOUR_MS } from '../../src/domain/duration.ts';
import { TrustedProxies } from '../../src/http/client-address.ts';
import type { OpenLimits } from '../../src/graphql/open-counts.ts';
import { openGateway, type Gateway } from '../support/gateway.ts';
import { mutate, issue, READ } from '../support/issue.ts';
import { openRawSocket, rawSocket, refusedUpgrade, type RawSocket } from '../support/raw-socket.ts';
import { listen, subscribe } from '../support/subscriber.ts';

const IDLE = 'subscription { events(filter: { types: [REALM_CREATED] }) { id } }';
const EXPIRING = 'subscription { expiring(within: "P1D") { stopsAt } }';

const plenty: OpenLimits = {
  socketsPerAddress: 1_000,
  socketsPerCaller: 1_000,
  subscriptionsPerAddress: 1_000,
  subscriptionsPerCaller: 1_000,
};

/** A gateway behind a proxy on this machine, with few places. */
const openSmall = (limits: Partial<OpenLimits>) =>
  openGateway({
    openLimits: { ...plenty, ...limits },
    proxies: new TrustedProxies([{ address: '127.0.0.1', prefix: 32, family: 'ipv4' }]),
  });

const from = (address: string) => ({ headers: { 'X-Forwarded-For': address } });

async function metric(gateway: Gateway, name: string): Promise<number> {
  const text = await (await fetch(`${gateway.url}/metrics`)).text();
  return Number(
    text
      .split('\n')
      .find((line) => line.startsWith(`${name} `))
      ?.slice(name.length + 1) ?? 0,
  );
}

/** The handshake of a socket as bytes: its status and headers. */
async function handshake({ url }: Gateway, address: string, { version = 13, hangsUp = true } = {}): Promise<string> {
  const socket = connect({ port: Number(new URL(url).port), host: '127.0.0.1', allowHalfOpen: !hangsUp });
  onTestFinished(() => void socket.destroy());
  const lines = ['GET /graphql HTTP/1.1', 'Host: x', 'Upgrade: websocket', 'Connection: Upgrade'];
  const key = [`Sec-WebSocket-Version: ${version}`, 'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA=='];
  socket.write([...lines, ...key, `X-Forwarded-For: ${address}`, '', ''].join('\r\n'));
  const [bytes] = (await once(socket, 'data')) as [Buffer];
  if (hangsUp) socket.destroy();
  return bytes.toString();
}

test('open counts: an address at its limit of sockets gets no more, authenticated or not, and does not affect other addresses', async () => {
  const gateway = await openSmall({ socketsPerAddress: 3 });
  const admin = await gateway.admin();
  const flood = [
    await openRawSocket(gateway, admin, from('192.0.2.1')),
    await rawSocket(gateway, from('192.0.2.1')),
    await rawSocket(gateway, from('evil, 192.0.2.1')),
  ];
  for (let count = 0; count < 50; count += 1) {
    expect(await refusedUpgrade(gateway, from('192.0.2.1'))).toBe(429);
  }
  expect(await handshake(gateway, '192.0.2.1')).toMatch(/^HTTP\/1\.1 429 Too Many Requests\r\nRetry-After: 10\r\n/);
  expect(await metric(gateway, 'keytide_sockets')).toBe(3);
  expect(await metric(gateway, 'keytide_open_refused_total{limit="socketsPerAddress"}')).toBe(51);
  const other = await openRawSocket(gateway, admin, from('192.0.2.2'));
  other.send({ type: 'ping' });
  expect(await other.next()).toEqual({ type: 'pong' });
  flood[1]!.socket.terminate();
  await expect.poll(() => metric(gateway, 'keytide_sockets')).toBe(3);
  await openRawSocket(gateway, admin, from('192.0.2.1'));
  expect(await refusedUpgrade(gateway, from('192.0.2.1'))).toBe(429);
});

test('open counts: a refused client that does not disconnect is disconnected', async () => {
  const gateway = await openSmall({ socketsPerAddress: 1 });
  await openRawSocket(gateway, await gateway.admin(), from('192.0.2.1'));
  const connectionCount = () =>
    new Promise<number>((resolve) => gateway.node.http.getConnections((_error, count) => resolve(count)));
  await expect.poll(connectionCount).toBe(1);
  for (let count = 0; count < 5; count += 1) {
    expect(await handshake(gateway, '192.0.2.1', { hangsUp: false })).toMatch(/^HTTP\/1\.1 429 /);
  }
  await expect.poll(connectionCount).toBe(1);
});

test('open counts: an IPv6 /64 network counts as one address', async () => {
  const gateway = await openSmall({ socketsPerAddress: 2 });
  await rawSocket(gateway, from('2001:db8::1'));
  await rawSocket(gateway, from('2001:db8::ffff:2'));
  expect(await refusedUpgrade(gateway, from('2001:db8:0:0:1::'))).toBe(429);
  await rawSocket(gateway, from('2001:db8:0:1::1'));
});

test('open counts: a failed handshake frees its slot', async () => {
  const gateway = await openSmall({ socketsPerAddress: 1 });
  for (let count = 0; count < 5; count += 1) {
    await expect.poll(() => handshake(gateway, '192.0.2.1', { version: 9 })).toMatch(/^HTTP\/1\.1 400 /);
  }
  await expect.poll(() => handshake(gateway, '192.0.2.1')).toMatch(/^HTTP\/1\.1 101 /);
});

/** However a socket ends, with what has to be done for it. */
const endings: Record<string, (gateway: Gateway, raw: RawSocket, key: { id: string; owner: string }) => unknown> = {
  'is closed by its client': (_gateway, { socket }) => socket.close(1000),
  'is cut off': (_gateway, { socket }) => socket.terminate(),
  'breaks the protocol': (_gateway, { send }) => send('no message'),
  'has a credential that is revoked': (gateway, _raw, { id, owner }) =>
    mutate(gateway, owner, 'revokeKey', { keyId: id, reason: 'leaked' }),
};

test.for(Object.entries(endings))(
  'open counts: a socket that %s leaves its places, and those of its subscriptions',
  async ([, end]) => {
    const gateway = await openSmall({ socketsPerAddress: 1, subscriptionsPerAddress: 2 });
    const olga = await gateway.person('olga');
    const key = await issue(gateway, olga.token, { scopes: [READ] });
    const raw = await openRawSocket(gateway, key.secret, from('192.0.2.1'));
    raw.send({ type: 'subscribe', id: '1', payload: { query: IDLE } });
    raw.send({ type: 'subscribe', id: '2', payload: { query: EXPIRING } });
    await expect.poll(() => metric(gateway, 'keytide_subscriptions')).toBe(2);
    await end(gateway, raw, { id: key.id, owner: olga.token });
    await raw.closed;
    await expect.poll(() => metric(gateway, 'keytide_subscriptions')).toBe(0);
    await expect.poll(() => handshake(gateway, '192.0.2.1')).toMatch(/^HTTP\/1\.1 101 /);
  },
);

test('open counts: a caller at its limit of sockets is closed with 1013, from any address; its client reconnects by itself', async () => {
  const gateway = await openSmall({ socketsPerCaller: 2 });
  const olga = await gateway.person('olga');
  const sockets = [
    await openRawSocket(gateway, olga.token, from('192.0.2.1')),
    await openRawSocket(gateway, await gateway.session(olga.id), from('192.0.2.2')),
  ];
  const third = await rawSocket(gateway, from('192.0.2.3'));
  third.send({ type: 'connection_init', payload: { authorization: `Bearer ${olga.token}` } });
  expect(await third.closed).toEqual({ code: 1013, reason: 'RATE_LIMITED' });
  expect(third.messages).toEqual([]);
  expect(await metric(gateway, 'keytide_open_refused_total{limit="socketsPerCaller"}')).toBe(1);
  const key = await issue(gateway, olga.token, { scopes: [READ] });
  await openRawSocket(gateway, key.secret);

  const client = createClient({
    url: `${gateway.url.replace('http', 'ws')}/graphql`,
    webSocketImpl: WebSocket,
    connectionParams: { authorization: `Bearer ${olga.token}` },
    retryAttempts: 100,
    retryWait: async () => {
      // Its second try finds a place.
      sockets[0]!.socket.terminate();
      await sockets[0]!.closed;
    },
  });
  const { value } = await client.iterate({ query: '{ viewer { __typename } }' }).next();
  expect(value?.data).toEqual({ viewer: { __typename: 'Account' } });
  await client.dispose();
});

test('open counts: a subscription over the limit fails alone, over a socket with RATE_LIMITED, over SSE with 429 and Retry-After; both count together', async () => {
  const gateway = await openSmall({ subscriptionsPerCaller: 3 });
  const olga = await gateway.person('olga');
  const raw = await openRawSocket(gateway, olga.token);
  raw.send({ type: 'subscribe', id: '1', payload: { query: IDLE } });
  const streams = [listen(gateway, olga.token, IDLE), listen(gateway, olga.token, EXPIRING)];
  await expect.poll(() => metric(gateway, 'keytide_subscriptions')).toBe(3);

  raw.send({ type: 'subscribe', id: '2', payload: { query: EXPIRING } });
  const message =
    'Too many subscriptions of this caller: found 3 open; at most 3 are accepted. Try again in 10 seconds.';
  expect(await raw.next()).toMatchObject({ id: '2', payload: refusal(message) });
  raw.send({ type: 'ping' });
  const answers = [await raw.next(), await raw.next()];
  expect(answers).toContainEqual({ type: 'pong' });

  const refused = listen(gateway, olga.token, IDLE);
  const { status, headers } = await refused.opened;
  expect([status, headers.get('retry-after')]).toEqual([429, '10']);
  await refused.ended;
  expect(refused.results[0]).toMatchObject(refusal(message));
  expect(await metric(gateway, 'keytide_open_refused_total{limit="subscriptionsPerCaller"}')).toBe(2);

  const max = await gateway.person('max');
  expect((await listen(gateway, max.token, IDLE).opened).status).toBe(200);
  streams[0]!.leave();
  await expect.poll(() => metric(gateway, 'keytide_subscriptions')).toBe(3);
  raw.send({ type: 'subscribe', id: '3', payload: { query: IDLE } });
  await expect.poll(() => metric(gateway, 'keytide_subscriptions')).toBe(4);
  raw.send({ type: 'complete', id: '3' });
  raw.send({ type: 'complete', id: '1' });
  streams[1]!.leave();
  await expect.poll(() => metric(gateway, 'keytide_subscriptions')).toBe(1);
});

function refusal(message: string) {
  return { errors: [{ message, extensions: { code: 'RATE_LIMITED', retryAfter: 10 } }] };
}

test('open counts: subscriptions of an address count for all of its callers, and do not affect other addresses', async () => {
  const gateway = await openSmall({ subscriptionsPerAddress: 2 });
  const [olga, max] = [await gateway.person('olga'), await gateway.person('max')];
  const raw = await openRawSocket(gateway, olga.token, from('192.0.2.1'));
  raw.send({ type: 'subscribe', id: '1', payload: { query: IDLE } });
  await expect.poll(() => metric(gateway, 'keytide_subscriptions')).toBe(1);
  const ofMax = await sseStatus(gateway, max.token, '192.0.2.1');
  expect(ofMax.status).toBe(200);
  expect((await sseStatus(gateway, max.token, '192.0.2.1')).status).toBe(429);
  const other = await sseStatus(gateway, max.token, '192.0.2.9');
  expect(other.status).toBe(200);
  for (const one of [ofMax, other]) one.leave();
  await expect.poll(() => metric(gateway, 'keytide_subscriptions')).toBe(1);
});

/** A stream by hand, from behind the proxy. */
async function sseStatus({ url }: Gateway, token: string, address: string) {
  const headers = {
    ...from(address).headers,
    Accept: 'text/event-stream',
    'Content-Type': 'application/json',
    Authorization: `Bearer ${token}`,
  };
  const asked = request(`${url}/graphql`, { method: 'POST', headers });
  asked.on('error', () => undefined);
  asked.end(JSON.stringify({ query: IDLE }));
  const [{ statusCode }] = (await once(asked, 'response')) as [{ statusCode: number }];
  return { status: statusCode, leave: () => asked.destroy() };
}

test('open counts: a stream that has ended, was refused, has failed or was left unread frees its slot', async () => {
  const gateway = await openSmall({ subscriptionsPerAddress: 1, subscriptionsPerCaller: 1 });
  const olga = await gateway.person('olga');
  const count = () => metric(gateway, 'keytide_subscriptions');

  // Refused for something else.
  await listen(gateway, olga.token, 'subscription { events(after: "nonsense") { id } }').ended;
  await listen(gateway, olga.token, 'subscription { expiring(within: "P999D") { stopsAt } }').ended;
  expect(await count()).toBe(0);

  // Left at once, again and again.
  const raw = await openRawSocket(gateway, olga.token);
  for (let id = 0; id < 20; id += 1) {
    raw.send({ type: 'subscribe', id: String(id), payload: { query: IDLE } });
    raw.send({ type: 'complete', id: String(id) });
    const left = listen(gateway, olga.token, IDLE);
    left.leave();
    await left.ended;
  }
  await expect.poll(count).toBe(0);

  // Ended with its session.
  const stream = listen(gateway, olga.token, IDLE);
  await expect.poll(count).toBe(1);
  gateway.clock.advance(12 * HOUR_MS);
  await stream.ended;
  await expect.poll(count).toBe(0);
  const again = subscribe(gateway.socket(await gateway.session(olga.id)), IDLE);
  await expect.poll(count).toBe(1);
  again.leave();
  await expect.poll(count).toBe(0);
});
