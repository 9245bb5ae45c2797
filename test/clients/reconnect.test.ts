import { readFileSync } from 'node:fs';
import { Client as UrqlClient, subscriptionExchange } from '@urql/core';
import { createClient as createSseClient } from 'graphql-sse';
import { createClient } from 'graphql-ws';
import { expect, onTestFinished, test } from 'vitest';
import { followEvents } from '../../src/client/follow-events.ts';
import { openGateway, type Gateway } from '../support/gateway.ts';
import { mutate, issue, logCursor, READ, recordNumberedEvents } from '../support/issue.ts';
import { socketUrl } from './library.ts';

// Reconnection by the libraries themselves. Each sends the operation again with the current values of its variables, so keeping
// `after` up to date is enough to resume.

const query = 'subscription ($after: Cursor) { events(after: $after) { cursor data } }';

/** Collects the numbers of received events, and keeps the variable `after` at the last cursor. */
function keepUp(after: string) {
  const variables = { after };
  const numbers: number[] = [];
  const next = ({ data }: { readonly data?: any }) => {
    if (!data?.events) return;
    variables.after = data.events.cursor;
    if ('number' in data.events.data) numbers.push(data.events.data.number);
  };
  return { variables, numbers, next };
}

function follow(urls: () => Gateway, credential: () => Promise<string>, after: string) {
  const { variables, numbers, next } = keepUp(after);
  const ends: unknown[] = [];
  let connectionCount = 0;
  const client = createClient({
    url: () => socketUrl(urls()),
    connectionParams: async () => ({ authorization: `Bearer ${await credential()}` }),
    retryWait: () => Promise.resolve(),
    on: { connected: () => (connectionCount += 1) },
  });
  onTestFinished(() => client.dispose() as Promise<void>);
  const sink = { next, error: (error: unknown) => ends.push(error), complete: () => ends.push('COMPLETE') };
  client.subscribe({ query, variables }, sink);
  return { numbers, ends, connectionCount: () => connectionCount };
}

test('reconnect: graphql-ws moves to another node at a restart, by itself and without a gap', async () => {
  const near = await openGateway();
  const far = await openGateway({ database: near.database, clock: near.clock });
  const admin = await near.admin();
  let node = near;
  const { numbers, ends } = follow(
    () => node,
    async () => admin,
    await logCursor(near, admin),
  );
  for (const number of [1, 2]) await recordNumberedEvents(far, {}, number);
  await expect.poll(() => numbers).toEqual([1, 2]);
  node = far;
  await near.stop();
  for (const number of [3, 4]) await recordNumberedEvents(far, {}, number);
  await expect.poll(() => numbers).toEqual([1, 2, 3, 4]);
  expect(ends).toEqual([]);
});

test('reconnect: graphql-ws gets a fresh session after a close with 4403, and continues', async () => {
  const gateway = await openGateway();
  const olga = await gateway.person('olga');
  const key = await issue(gateway, olga.token);
  const about = { keyId: key.id, ownerId: olga.id };
  let session = olga.token;
  const { numbers, ends, connectionCount } = follow(
    () => gateway,
    async () => session,
    await logCursor(gateway, olga.token),
  );
  await recordNumberedEvents(gateway, about, 1);
  await expect.poll(() => numbers).toEqual([1]);
  session = await gateway.session(olga.id);
  await gateway.ask('mutation { signOut }', {}, olga.token);
  await recordNumberedEvents(gateway, about, 2);
  await expect.poll(() => numbers).toEqual([1, 2]);
  expect(connectionCount()).toBe(2);
  expect(ends).toEqual([]);
});

test('reconnect: graphql-ws does not reconnect after a close with 4401', async () => {
  const gateway = await openGateway();
  const olga = await gateway.person('olga');
  const reader = await issue(gateway, olga.token, { scopes: [READ] });
  const { ends, connectionCount } = follow(
    () => gateway,
    async () => reader.secret,
    await logCursor(gateway, reader.secret),
  );
  await expect.poll(connectionCount).toBe(1);
  await mutate(gateway, olga.token, 'revokeKey', { keyId: reader.id, reason: 'leaked' });
  await expect.poll(() => ends).toMatchObject([{ code: 4401, reason: 'KEY_REVOKED' }]);
  expect(connectionCount()).toBe(1);
});

/** The settings of graphql-ws in the guide, but for the time that they wait. */
const guideSettings = { shouldRetry: () => true, retryAttempts: Infinity };

test('reconnect: the settings of graphql-ws that are tested here are those of the guide', () => {
  const guide = readFileSync(new URL('../../docs/guides/follow-events.md', import.meta.url), 'utf8');
  for (const [name, value] of Object.entries(guideSettings)) expect(guide).toContain(`  ${name}: ${String(value)},\n`);
});

test.for(['graphql-ws', 'urql'])(
  'reconnect: %s with the settings of the guide outlives a gateway that restarts and refuses connections meanwhile',
  async (library) => {
    const near = await openGateway();
    const far = await openGateway({ database: near.database, clock: near.clock });
    const admin = await near.admin();
    const { variables, numbers, next } = keepUp(await logCursor(near, admin));
    let [node, refusedCount] = [near, 0];
    const ends: unknown[] = [];
    const sockets = createClient({
      ...guideSettings,
      url: () => socketUrl(node),
      connectionParams: { authorization: `Bearer ${admin}` },
      retryWait: () => new Promise((resolve) => setImmediate(resolve)),
      on: { error: () => (refusedCount += 1) },
    });
    onTestFinished(() => sockets.dispose() as Promise<void>);
    const sink = { next, error: (error: unknown) => ends.push(error), complete: () => ends.push('COMPLETE') };
    if (library === 'graphql-ws') sockets.subscribe({ query, variables }, sink);
    else {
      const forwardSubscription = () => ({
        subscribe: (observer: any) => ({ unsubscribe: sockets.subscribe({ query, variables }, observer) }),
      });
      const client = new UrqlClient({
        url: `${near.url}/graphql`,
        preferGetMethod: false,
        exchanges: [subscriptionExchange({ forwardSubscription })],
      });
      const { unsubscribe } = client.subscription(query, {}).subscribe((result) => {
        if (result.error === undefined) next(result as { data?: unknown });
        else ends.push(result.error);
      });
      onTestFinished(() => unsubscribe());
    }
    await recordNumberedEvents(far, {}, 1);
    await expect.poll(() => numbers).toEqual([1]);
    await near.stop();
    await recordNumberedEvents(far, {}, 2);
    await expect.poll(() => refusedCount).toBeGreaterThan(10);
    node = far;
    await expect.poll(() => numbers).toEqual([1, 2]);
    expect(ends).toEqual([]);
  },
);

test('reconnect: the client of the package outlives a gateway that refuses its first connections', async () => {
  const near = await openGateway();
  const far = await openGateway({ database: near.database, clock: near.clock });
  const [admin, url] = [await near.admin(), near.url];
  await near.stop();
  const stop = new AbortController();
  const kinds: string[] = [];
  // The address is read for each request.
  const connection = { url, credential: () => admin };
  const onInterruption = ({ kind }: { readonly kind: string }) => {
    kinds.push(kind);
    if (kinds.length === 3) connection.url = far.url;
  };
  const pause = async () => void (await new Promise((resolve) => setImmediate(resolve)));
  const options = { after: await logCursor(far, admin), signal: stop.signal, onInterruption, pause };
  await recordNumberedEvents(far, {}, 7);
  for await (const { event } of followEvents<{ data: unknown }>(connection, { ...options, select: 'data' })) {
    expect(event.data).toMatchObject({ number: 7 });
    break;
  }
  expect(kinds).toEqual(['UNREACHABLE', 'UNREACHABLE', 'UNREACHABLE']);
});

test('reconnect: graphql-sse subscribes again when its stream is cut, without a gap', async () => {
  const gateway = await openGateway();
  const admin = await gateway.admin();
  const { variables, numbers, next } = keepUp(await logCursor(gateway, admin));
  const ends: unknown[] = [];
  const client = createSseClient({
    url: `${gateway.url}/graphql`,
    headers: { Authorization: `Bearer ${admin}` },
    retry: () => Promise.resolve(),
  });
  onTestFinished(() => client.dispose());
  client.subscribe(
    { query, variables },
    { next, error: (error) => ends.push(error), complete: () => ends.push('COMPLETE') },
  );
  const expected: number[] = [];
  for (const number of [1, 2, 3]) {
    await recordNumberedEvents(gateway, {}, number);
    expected.push(number);
    await expect.poll(() => numbers).toEqual(expected);
    gateway.node.http.closeAllConnections();
  }
  await recordNumberedEvents(gateway, {}, 4);
  await expect.poll(() => numbers).toEqual([1, 2, 3, 4]);
  expect(ends).toEqual([]);
});
