import { request } from 'node:http';
import { expect, test } from 'vitest';
import { HOUR_MS } from '../../src/domain/duration.ts';
import { openGateway, type Gateway } from '../support/gateway.ts';
import { openInterceptedStore } from '../support/intercepted-store.ts';
import {
  mutate,
  issue,
  logCursor,
  startPublisher,
  READ,
  recordManyEvents,
  recordNumberedEvents,
} from '../support/issue.ts';
import { listen, type Subscriber } from '../support/subscriber.ts';

const EVENTS =
  'subscription($after: Cursor, $filter: EventFilter) { events(after: $after, filter: $filter) { cursor type data } }';

const numbers = (subscriber: Subscriber): number[] =>
  subscriber.items().flatMap(({ data }) => ('number' in data ? [data.number as number] : []));

const codes = ({ results }: Subscriber) =>
  results.flatMap(({ errors }) => errors?.map(({ extensions }) => extensions) ?? []);

/** One request by hand: its status and all that is answered. */
function post(gateway: Gateway, headers: Record<string, string>, body: string, path = '/graphql', method = 'POST') {
  return new Promise<{ status: number; text: string }>((resolve, reject) => {
    const asked = request(`${gateway.url}${path}`, { method, headers }, (response) => {
      let text = '';
      response.on('data', (piece: Buffer) => (text += piece.toString()));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
    });
    asked.on('error', reject);
    asked.end(body);
  });
}

test('sse: stored events come first, then new ones, framed as GraphQL over SSE', async () => {
  const gateway = await openGateway();
  const admin = await gateway.admin();
  const after = await logCursor(gateway, admin);
  await recordNumberedEvents(gateway, {}, 1);
  const reader = listen(gateway, admin, EVENTS, { after });
  const response = await reader.opened;
  expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/event-stream']);
  expect(response.headers.get('cache-control')).toMatch(/no-cache|no-store/);
  await reader.until(() => numbers(reader).length === 1);
  for (const number of [2, 3]) await recordNumberedEvents(gateway, {}, number);
  await reader.until(() => numbers(reader).length === 3);
  expect(numbers(reader)).toEqual([1, 2, 3]);
});

test.for([
  [
    'a key that is revoked',
    'KEY_REVOKED',
    (gateway: Gateway, owner: string, keyId: string) =>
      mutate(gateway, owner, 'revokeKey', { keyId, reason: 'leaked' }),
  ],
  [
    'a key that is held',
    'KEY_HELD',
    (gateway: Gateway, owner: string, keyId: string) => mutate(gateway, owner, 'holdKey', { keyId, reason: 'looking' }),
  ],
] as const)('sse: of %s no later event is sent, and the stream ends with UNAUTHENTICATED', async ([, outcome, end]) => {
  const near = await openGateway();
  const far = await openGateway({ database: near.database, clock: near.clock });
  const olga = await near.person('olga');
  const [subject, reader] = [await issue(near, olga.token), await issue(near, olga.token, { scopes: [READ] })];
  const about = { keyId: subject.id, ownerId: olga.id, realmId: (await near.prisma.realm.findFirstOrThrow()).id };
  const after = await logCursor(near, olga.token);
  const readers = [near, far].map((node) => listen(node, reader.secret, EVENTS, { after }));
  const publisher = startPublisher([near, far], about);
  await Promise.all(readers.map((one) => one.until(() => numbers(one).length >= 3)));
  await end(near, olga.token, reader.id);
  const ends = await Promise.all(readers.map((one) => one.ended));
  await publisher.until(publisher.number + 4);
  await publisher.stop();
  expect(ends).toEqual([{ kind: 'COMPLETE' }, { kind: 'COMPLETE' }]);
  const log = await near.prisma.event.findMany({ where: { realmId: about.realmId }, orderBy: { position: 'asc' } });
  const last = log.find(({ type, keyId }) => type === outcome && keyId === reader.id)!.position;
  const before = log.flatMap(({ position, data }) =>
    position < last && 'number' in (data as object) ? [(data as any).number] : [],
  );
  for (const one of readers) {
    expect(numbers(one)).toEqual(before.slice(0, numbers(one).length));
    expect(codes(one)).toMatchObject([{ code: 'UNAUTHENTICATED', outcome }]);
    expect(one.results.at(-1)!.errors).toBeDefined();
  }
});

test('sse: the end of a session ends its streams at that moment, idle or not', async () => {
  const gateway = await openGateway();
  const admin = await gateway.admin();
  const waiting = listen(gateway, admin, EVENTS, { filter: { types: ['REALM_CREATED'] } });
  const busy = listen(gateway, admin, EVENTS, { after: await logCursor(gateway, admin) });
  await recordNumberedEvents(gateway, {}, 1);
  await Promise.all([busy.until(() => numbers(busy).length === 1), waiting.opened]);
  gateway.clock.advance(12 * HOUR_MS - 1);
  await recordNumberedEvents(gateway, {}, 2);
  await busy.until(() => numbers(busy).length === 2);
  gateway.clock.advance(1);
  await recordNumberedEvents(gateway, {}, 3);
  for (const one of [waiting, busy]) {
    expect(await one.ended).toEqual({ kind: 'COMPLETE' });
    expect(codes(one)).toMatchObject([{ code: 'UNAUTHENTICATED', outcome: 'SESSION_ENDED' }]);
  }
  expect(numbers(busy)).toEqual([1, 2]);
});

test('sse: at a restart the stream ends with UNAVAILABLE, and another node continues from its cursor', async () => {
  const near = await openGateway();
  const far = await openGateway({ database: near.database, clock: near.clock });
  const admin = await near.admin();
  const first = listen(near, admin, EVENTS, { after: await logCursor(near, admin) });
  for (const number of [1, 2]) await recordNumberedEvents(far, {}, number);
  await first.until(() => numbers(first).length === 2);
  const idle = listen(near, admin, EVENTS, { filter: { types: ['REALM_CREATED'] } });
  await idle.opened;
  await near.stop();
  for (const one of [first, idle]) {
    expect(await one.ended).toEqual({ kind: 'COMPLETE' });
    expect(codes(one)).toMatchObject([{ code: 'UNAVAILABLE' }]);
  }
  await recordNumberedEvents(far, {}, 3);
  const second = listen(far, admin, EVENTS, { after: first.items().at(-1).cursor });
  await second.until(() => numbers(second).length === 1);
  expect(numbers(second)).toEqual([3]);
});

test('sse: a malformed or forbidden request is refused with its code before anything is sent', async () => {
  const gateway = await openGateway();
  const admin = await gateway.admin();
  const refused = async (credential: string | null, variables: Record<string, unknown>, query = EVENTS) => {
    const reader = listen(gateway, credential, query, variables);
    const { status } = await reader.opened;
    await reader.ended;
    expect(reader.items()).toEqual([]);
    return [status, ...codes(reader).map(({ code }) => code as string)];
  };
  expect(await refused(admin, { after: 'nonsense' })).toEqual([400, 'BAD_USER_INPUT']);
  expect(await refused(admin, { after: Buffer.from('1:999999').toString('base64url') })).toEqual([410, 'CURSOR_AHEAD']);
  expect(await refused(admin, { filter: { types: ['KEY_STOLEN'] } })).toEqual([400, 'BAD_USER_INPUT']);
  expect((await refused(null, {})).slice(1)).toEqual(['UNAUTHENTICATED']);
  expect((await refused('abc.def.ghi', {})).slice(1)).toEqual(['UNAUTHENTICATED']);
  expect((await refused(`kt_${'0'.repeat(49)}`, {})).slice(1)).toEqual(['UNAUTHENTICATED']);
  for (const query of [
    'subscription { events { nothing } }',
    'subscription { events { id } expiring(within: "P1D") { stopsAt } }',
  ]) {
    expect((await refused(admin, {}, query)).slice(1)).toEqual(['BAD_USER_INPUT']);
  }
});

test('sse: a token in the URL is ignored, a body that is too large is refused, and a request for plain JSON gets no stream', async () => {
  const gateway = await openGateway();
  const admin = await gateway.admin();
  const query = 'subscription { events { id } }';
  const stream = { Accept: 'text/event-stream', 'Content-Type': 'application/json' };
  const inUrl = `/graphql?query=${encodeURIComponent(query)}&authorization=Bearer%20${admin}&access_token=${admin}`;
  const byUrl = await post(gateway, { Accept: 'text/event-stream' }, '', inUrl, 'GET');
  expect(byUrl.text).toContain('UNAUTHENTICATED');
  expect(gateway.logged.join('')).not.toContain(admin);
  const large = JSON.stringify({ query: `${query} #${'x'.repeat(100_000)}` });
  expect((await post(gateway, { ...stream, Authorization: `Bearer ${admin}` }, large)).status).toBe(413);
  const asJson = { 'Content-Type': 'application/json', Accept: 'application/json', Authorization: `Bearer ${admin}` };
  expect((await post(gateway, asJson, JSON.stringify({ query }))).status).toBe(406);
  const garbage = await post(gateway, { ...stream, Authorization: `Bearer ${admin}` }, '{{{{');
  expect(garbage.text).toMatch(/"errors":\[/);
  expect(garbage.text).not.toMatch(/"data":\{/);
});

test('sse: a client that disconnects leaves no subscription, timer or listener behind', async () => {
  const gateway = await openGateway();
  const { follower } = gateway.services;
  const admin = await gateway.admin();
  let watcherCount = 0;
  const watch = follower.watch.bind(follower);
  follower.watch = (watcher) => {
    watcherCount += 1;
    const stop = watch(watcher);
    let isStopped = false;
    return () => {
      if (!isStopped) watcherCount -= 1;
      isStopped = true;
      stop();
    };
  };
  let waitingCount = 0;
  const grownBeyond = follower.waitForEventAfter.bind(follower);
  follower.waitForEventAfter = async (...args) => {
    waitingCount += 1;
    await grownBeyond(...args);
    waitingCount -= 1;
  };
  const readers = [
    listen(gateway, admin, EVENTS, { filter: { types: ['REALM_CREATED'] } }),
    listen(gateway, admin, 'subscription { expiring(within: "P1D") { stopsAt } }'),
  ];
  await expect.poll(() => [watcherCount, waitingCount]).toEqual([2, 2]);
  for (const reader of readers) reader.leave();
  await expect.poll(() => [watcherCount, waitingCount]).toEqual([0, 0]);
});

test('sse: an internal error in a running stream is masked, and logged with the request id', async () => {
  const gateway = await openGateway();
  const admin = await gateway.admin();
  const key = await issue(gateway, admin);
  const query = 'subscription($after: Cursor) { events(after: $after) { cursor key { labels { name } } } }';
  const reader = listen(gateway, admin, query, { after: await logCursor(gateway, admin) });
  const requestId = (await reader.opened).headers.get('x-request-id')!;
  await recordNumberedEvents(gateway, { keyId: key.id }, 1);
  await reader.until((items) => items.length === 1);
  await gateway.prisma.$executeRaw`ALTER TABLE "Label" RENAME TO "Gone"`;
  await recordNumberedEvents(gateway, { keyId: key.id }, 2);
  await reader.until((_items, results) => results.length === 2);
  expect(codes(reader)).toEqual([{ code: 'INTERNAL_SERVER_ERROR', requestId }]);
  expect(JSON.stringify(reader.results)).not.toMatch(/prisma|"Label|relation/);
  const logged = gateway.logged.filter((line) => line.includes('operation failed'));
  expect(logged).toHaveLength(1);
  expect(logged[0]).toContain(requestId);
});

test('sse: backpressure stops reading the log for a stream that is not read, and nothing is missing afterwards', async () => {
  const gateway = await openGateway();
  const store = openInterceptedStore(gateway.database);
  const far = await openGateway({ database: gateway.database, clock: gateway.clock, store });
  const { follower } = far.services;
  const admin = await gateway.admin();
  const after = await logCursor(gateway, admin);
  const start = follower.head;
  let furthest = 0n;
  const read = follower.read.bind(follower);
  follower.read = (position, ...rest) => {
    if (position > furthest) furthest = position;
    return read(position, ...rest);
  };
  const count = 1_000;
  const text = 'x'.repeat(40_000);
  await recordManyEvents(gateway, count, { text });
  await follower.catchUp();
  const body = JSON.stringify({ query: EVENTS, variables: { after } });
  const headers = { Accept: 'text/event-stream', 'Content-Type': 'application/json', Authorization: `Bearer ${admin}` };
  const sent = await new Promise<string>((resolve, reject) => {
    const asked = request(`${far.url}/graphql`, { method: 'POST', headers }, async (response) => {
      // Nothing is taken from the response until the node has had time to send all that it would.
      for (let turn = 0; turn < 200; turn += 1) await far.prisma.$queryRaw`SELECT 1`;
      expect(furthest).toBeLessThan(start + 500n);
      const pieces: Buffer[] = [];
      for await (const piece of response) {
        pieces.push(piece as Buffer);
        if ((piece as Buffer).includes(`"number":${count}}`)) break;
      }
      resolve(Buffer.concat(pieces).toString());
    });
    asked.on('error', reject);
    asked.end(body);
  });
  const seen = Array.from(sent.matchAll(/"number":(\d+)/g), ([, number]) => Number(number));
  expect(seen).toEqual(Array.from({ length: count }, (_, index) => index + 1));
});
