import { EventSource } from 'eventsource';
import { expect, onTestFinished, test } from 'vitest';
import { systemActor } from '../../src/domain/event.ts';
import { change } from '../../src/log/change.ts';
import { openGateway, type Gateway } from '../support/gateway.ts';
import { awayError, openInterceptedStore } from '../support/intercepted-store.ts';
import { issue, logCursor, startPublisher, recordNumberedEvents } from '../support/issue.ts';
import { openRawSocket } from '../support/raw-socket.ts';
import { serverEvents, type ServerEvents } from '../support/server-events.ts';
import { untypedDraft } from '../support/untyped-draft.ts';

const DATA = 'subscription($after: Cursor, $filter: EventFilter) { events(after: $after, filter: $filter) { data } }';

const cursorAt = (position: number) => Buffer.from(`1:${position}`).toString('base64url');

const numbersOf = ({ blocks }: ServerEvents): number[] =>
  blocks.flatMap(({ data }) => (data?.data?.events?.data?.number === undefined ? [] : [data.data.events.data.number]));

const lastIdOf = ({ blocks }: ServerEvents) => blocks.findLast(({ id }) => id !== null)?.id ?? null;

const codesOf = ({ blocks }: ServerEvents) =>
  blocks.flatMap(({ data }) => data?.errors?.map(({ extensions }: any) => extensions.code) ?? []);

test('sse resume: the id of each event is its cursor, also if the operation does not select it', async () => {
  const gateway = await openGateway();
  const admin = await gateway.admin();
  const after = await logCursor(gateway, admin);
  const shapes: Record<string, (data: any) => any> = {
    'subscription($after: Cursor) { events(after: $after) { cursor data } }': ({ events }) => events,
    'subscription($after: Cursor) { seen: events(after: $after) { data } }': ({ seen }) => seen,
    'subscription($after: Cursor) { ...Told } fragment Told on Subscription { events(after: $after) { ...What } } fragment What on Event { data }':
      ({ events }) => events,
    'subscription Watch($after: Cursor) { ... on Subscription { events(after: $after) { data key { name } } } }': ({
      events,
    }) => events,
  };
  const streams = Object.keys(shapes).map((query) => serverEvents(gateway, admin, { query, variables: { after } }));
  for (const number of [1, 2, 3]) await recordNumberedEvents(gateway, {}, number);
  const log = await gateway.prisma.event.findMany({ orderBy: { position: 'desc' }, take: 3 });
  const cursors = log.map(({ position }) => cursorAt(Number(position))).toReversed();
  for (const [index, stream] of streams.entries()) {
    await stream.until(() => stream.blocks.length === 3);
    expect(stream.blocks.map(({ id }) => id)).toEqual(cursors);
    const itemOf = Object.values(shapes)[index]!;
    expect(stream.blocks.map(({ data }) => itemOf(data.data).data)).toEqual([
      { number: 1 },
      { number: 2 },
      { number: 3 },
    ]);
  }
});

test('sse resume: results without a position in the log have no id', async () => {
  const gateway = await openGateway();
  const olga = await gateway.person('olga');
  await issue(gateway, olga.token, { lifetime: 'P2D' });
  const expiring = serverEvents(gateway, olga.token, {
    query: 'subscription { expiring(within: "P3D") { key { name } } }',
  });
  await expiring.until(() => expiring.blocks.length === 1);
  expect(expiring.blocks[0]).toMatchObject({ id: null, data: { data: { expiring: {} } } });
  const query = serverEvents(gateway, olga.token, { query: '{ viewer { __typename } }' });
  await query.ended;
  expect(query.blocks.map(({ event, id }) => [event, id])).toEqual([
    ['next', null],
    ['complete', null],
  ]);
});

test('sse resume: a reader that is disconnected again and again, on two nodes, gets every event once', async () => {
  const near = await openGateway();
  const far = await openGateway({ database: near.database, clock: near.clock });
  const admin = await near.admin();
  const operation = { query: DATA, variables: { after: await logCursor(near, admin) } };
  const publisher = startPublisher([near, far]);
  const seen: number[] = [];
  let lastEventId: string | null = null;
  for (let round = 0; round < 12; round += 1) {
    const node: Gateway = round % 2 === 0 ? near : far;
    // The same request each time, as browsers send it: Last-Event-ID overrides its `after`.
    const stream: ServerEvents = serverEvents(node, admin, operation, lastEventId);
    await stream.until(() => numbersOf(stream).length >= 1 + (round % 5));
    stream.leave();
    seen.push(...numbersOf(stream));
    lastEventId = lastIdOf(stream);
  }
  const count = await publisher.stop();
  const rest = serverEvents(near, admin, operation, lastEventId);
  await rest.until(() => numbersOf(rest).at(-1) === count || seen.at(-1) === count);
  expect([...seen, ...numbersOf(rest)]).toEqual(Array.from({ length: count }, (_, index) => index + 1));
});

test('sse resume: a plain EventSource resumes over a restart, until its credential ends', async () => {
  const database = await openGateway();
  const admin = await database.admin();
  const after = await logCursor(database, admin);
  let node = await openGateway({ database: database.database, clock: database.clock });
  const asked: (string | null)[] = [];
  const url = new URL('http://gateway.test/graphql');
  url.searchParams.set('query', DATA);
  url.searchParams.set('variables', JSON.stringify({ after }));
  const source = new EventSource(url, {
    fetch: (_url, init) => {
      asked.push(new Headers(init.headers).get('last-event-id'));
      return fetch(`${node.url}${url.pathname}${url.search}`, {
        ...init,
        headers: { ...init.headers, Authorization: `Bearer ${admin}` },
      });
    },
  });
  onTestFinished(() => source.close());
  const results: any[] = [];
  source.addEventListener('next', ({ data }) => results.push(JSON.parse(data)));
  const numbers = () => results.flatMap(({ data }) => (data?.events ? [data.events.data.number] : []));
  for (const number of [1, 2]) await recordNumberedEvents(database, {}, number);
  await expect.poll(numbers, { timeout: 10_000 }).toEqual([1, 2]);
  const next = await openGateway({ database: database.database, clock: database.clock });
  const old = node;
  node = next;
  await old.stop();
  for (const number of [3, 4]) await recordNumberedEvents(database, {}, number);
  await expect.poll(numbers, { timeout: 15_000 }).toEqual([1, 2, 3, 4]);
  expect(asked[0]).toBeNull();
  expect(asked.at(-1)).toMatch(/^\w+$/);

  await database.ask('mutation { signOut }', {}, admin);
  await expect.poll(() => source.readyState, { timeout: 15_000 }).toBe(source.CLOSED);
  expect(numbers()).toEqual([1, 2, 3, 4]);
});

test('sse resume: Last-Event-ID is checked like `after`: expired, ahead, malformed, or of an event that the caller may not see', async () => {
  const gateway = await openGateway();
  const [olga, max] = [await gateway.person('olga'), await gateway.person('max')];
  await recordNumberedEvents(gateway, { ownerId: olga.id }, 1);
  const first = serverEvents(gateway, olga.token, { query: DATA, variables: { after: cursorAt(0) } });
  await first.until(() => numbersOf(first).length === 1);
  // A cursor of an event of another owner is only a position.
  await recordNumberedEvents(gateway, { ownerId: max.id }, 2);
  await recordNumberedEvents(gateway, { ownerId: olga.id }, 3);
  const foreign = serverEvents(gateway, max.token, { query: DATA }, lastIdOf(first));
  await foreign.until(() => numbersOf(foreign).length === 1);
  expect(numbersOf(foreign)).toEqual([2]);

  const refused = async (lastEventId: string, operation: object = { query: DATA }) => {
    const stream = serverEvents(gateway, olga.token, operation as { query: string }, lastEventId);
    await stream.ended;
    return [await stream.status, ...codesOf(stream)];
  };
  expect(await refused('nonsense')).toEqual([400, 'BAD_USER_INPUT']);
  expect(await refused(cursorAt(999_999))).toEqual([410, 'CURSOR_AHEAD']);
  await gateway.prisma.logHead.update({ where: { id: 1 }, data: { oldest: 3 } });
  expect(await refused(cursorAt(1))).toEqual([410, 'CURSOR_EXPIRED']);
  // Last-Event-ID is used, not the operation’s `after`.
  expect(await refused(cursorAt(1), { query: DATA, variables: { after: cursorAt(3) } })).toEqual([
    410,
    'CURSOR_EXPIRED',
  ]);
  // What has no place in the log does not look at it.
  const plain = await gateway.ask('{ viewer { __typename } }', {}, olga.token, { 'Last-Event-ID': 'nonsense' });
  expect(plain.data['viewer']).toEqual({ __typename: 'Account' });
});

test('sse resume: an incomplete result has no id, so that its event is sent again', async () => {
  const gateway = await openGateway();
  const store = openInterceptedStore(gateway.database);
  const far = await openGateway({ database: gateway.database, clock: gateway.clock, store });
  const admin = await gateway.admin();
  const key = await issue(gateway, admin);
  const query = 'subscription($after: Cursor) { events(after: $after) { data key { name } } }';
  const operation = { query, variables: { after: await logCursor(gateway, admin) } };
  const first = serverEvents(far, admin, operation);
  await recordNumberedEvents(gateway, { keyId: key.id }, 1);
  await first.until(() => numbersOf(first).length === 1);
  store.intercept('Key.findUnique', () => Promise.reject(awayError()));
  await recordNumberedEvents(gateway, { keyId: key.id }, 2);
  await first.ended;
  expect(codesOf(first)).toEqual(['UNAVAILABLE']);
  expect(first.blocks.at(-2)).toMatchObject({ event: 'next', id: null });
  const second = serverEvents(gateway, admin, operation, lastIdOf(first));
  await second.until(() => numbersOf(second).length === 1);
  expect(numbersOf(second)).toEqual([2]);
});

test('sse resume: results over a socket have no id', async () => {
  const gateway = await openGateway();
  const admin = await gateway.admin();
  const raw = await openRawSocket(gateway, admin, { headers: { 'Last-Event-ID': 'nonsense' } });
  const payload = { query: DATA, variables: { after: await logCursor(gateway, admin) } };
  raw.send({ type: 'subscribe', id: '1', payload });
  await change(gateway.services, async ({ record }) =>
    record(untypedDraft({ type: 'KEY_UPDATED', at: gateway.clock.now(), actor: systemActor, data: { number: 1 } })),
  );
  expect(await raw.next()).toEqual({ type: 'next', id: '1', payload: { data: { events: { data: { number: 1 } } } } });
});
