import { createClient } from 'graphql-ws';
import { expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import { openLog, readSnapshot } from '../support/follow.ts';
import { openGateway, type Gateway } from '../support/gateway.ts';
import { issue, logCursor, READ, recordNumberedEvents } from '../support/issue.ts';
import { proxies, startProxy } from '../support/proxy.ts';

const QUERY = 'subscription ($after: Cursor) { events(after: $after) { data } }';
const names = Object.keys(proxies) as (keyof typeof proxies)[];

/** Opens a stream of events through a proxy, and collects what arrives. */
async function openStream(url: string, gateway: Gateway, after: string | null = null) {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: {
      'Content-Type': 'application/json',
      Accept: 'text/event-stream',
      Authorization: `Bearer ${await gateway.admin()}`,
    },
    body: JSON.stringify({ query: QUERY, variables: { after } }),
  });
  const stream = { response, text: '', isOver: false };
  const read = async () => {
    for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) stream.text += chunk;
    stream.isOver = true;
  };
  void read();
  return stream;
}

test.for(names)('proxy: events pass %s one by one, from the first byte on', { timeout: 240_000 }, async (name) => {
  const gateway = await openGateway();
  const url = await startProxy(name, gateway.url);
  // Nothing happens in the gateway: the answer begins all the same.
  const stream = await openStream(url, gateway);
  const { response } = stream;
  expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/event-stream']);
  expect(response.headers.get('content-encoding')).toBeNull();
  await expect.poll(() => stream.text).toMatch(/^:\n\n/);
  for (const number of [1, 2]) {
    await recordNumberedEvents(gateway, {}, number);
    await expect.poll(() => stream.text).toContain(`"number":${String(number)}`);
  }
  const asked = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: '{"query":"{ __typename }"}',
  });
  expect(await asked.json()).toEqual({ data: { __typename: 'Query' } });
  await gateway.stop();
  // The drain ends the stream with its reason; the proxy passes that on.
  await expect.poll(() => stream.isOver).toBe(true);
  expect(stream.text).toContain('UNAVAILABLE');
  expect(stream.text).toMatch(/event: complete\n/);
});

test.for(names)('proxy: %s passes the lines of GET /log on as they come', { timeout: 240_000 }, async (name) => {
  const gateway = await openGateway();
  const url = await startProxy(name, gateway.url);
  const admin = await gateway.admin();
  const { secret } = await issue(gateway, admin, { scopes: [{ action: 'keytide:follow', resource: '**' }] });
  // The first line comes at once, though nothing happens in the realm.
  const { head } = await readSnapshot({ url }, secret);
  const log = await openLog({ url }, secret, head.cursor);
  expect([log.response.status, log.response.headers.get('content-encoding')]).toEqual([200, null]);
  await log.find((line) => line.head !== undefined);
  for (let count = 0; count < 2; count += 1) {
    const { id } = await issue(gateway, admin, { scopes: [READ] });
    await log.find((line) => line.key?.id === id);
  }
  // nginx takes the header for itself; a proxy that does not know it passes it on.
  const direct = await openLog(gateway, secret, head.cursor);
  expect(direct.response.headers.get('x-accel-buffering')).toBe('no');
});

test.for(names.filter((name) => name !== 'nginx with plain proxy_pass'))(
  'proxy: a socket through %s gets its events, and 1012 at the restart',
  { timeout: 240_000 },
  async (name) => {
    const gateway = await openGateway();
    const url = await startProxy(name, gateway.url);
    const admin = await gateway.admin();
    const closes: unknown[] = [];
    const client = createClient({
      url: `${url.replace('http', 'ws')}/graphql`,
      webSocketImpl: WebSocket,
      connectionParams: { authorization: `Bearer ${admin}` },
      retryAttempts: 0,
      on: { closed: (event) => closes.push((event as { code: number }).code) },
    });
    onTestFinished(() => client.dispose() as Promise<void>);
    const numbers: number[] = [];
    client.subscribe(
      { query: QUERY, variables: { after: await logCursor(gateway, admin) } },
      {
        next: ({ data }: any) => void numbers.push(data.events.data.number),
        error: () => undefined,
        complete: () => undefined,
      },
    );
    for (const number of [1, 2]) await recordNumberedEvents(gateway, {}, number);
    await expect.poll(() => numbers).toEqual([1, 2]);
    await gateway.stop();
    await expect.poll(() => closes).toEqual([1012]);
  },
);
