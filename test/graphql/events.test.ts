import { expect, test } from 'vitest';
import { openLine } from '../support/database-line.ts';
import { openGateway, type Gateway } from '../support/gateway.ts';
import { cutListeners } from '../support/follower.ts';
import { awayError, openInterceptedStore } from '../support/intercepted-store.ts';
import {
  mutate,
  issue,
  logCursor,
  makeOrganization,
  startPublisher,
  READ,
  recordManyEvents,
  recordNumberedEvents,
} from '../support/issue.ts';
import { seededDraw } from '../support/seeded-random.ts';
import { listen, subscribe, type Subscriber } from '../support/subscriber.ts';

const isLong = process.env['KEYTIDE_TEST_LONG'] !== undefined;

const EVENTS = /* GraphQL */ `
  subscription ($after: Cursor, $filter: EventFilter) {
    events(after: $after, filter: $filter) {
      id
      cursor
      type
      data
      key {
        id
      }
    }
  }
`;

/** A subscription whose fields need no further reads. */
const PLAIN =
  'subscription($after: Cursor, $filter: EventFilter) { events(after: $after, filter: $filter) { cursor data } }';

const numbers = (subscriber: Subscriber): number[] =>
  subscriber.items().flatMap(({ data }) => ('number' in data ? [data.number as number] : []));

const upTo = (last: number, first = 1) => Array.from({ length: last - first + 1 }, (_, index) => first + index);

const cursorAt = (position: number) => Buffer.from(`1:${position}`).toString('base64url');

/** Tells of so many things, from one node and another in turn, without a pause. */
async function publish(nodes: readonly Gateway[], count: number, about: object = {}): Promise<void> {
  for (let number = 1; number <= count; number += 1)
    await recordNumberedEvents(nodes[number % nodes.length]!, about, number);
}

test(
  'events: a subscription that starts amid running changes gets each event once from its cursor on, on every node and over both protocols',
  { timeout: 300_000 },
  async () => {
    const near = await openGateway();
    const far = await openGateway({ database: near.database, clock: near.clock });
    const admin = await near.admin();
    const after = await logCursor(near, admin);
    const count = isLong ? 3_000 : 200;
    const draw = seededDraw(11);
    const first = subscribe(near.socket(admin), PLAIN, { after });
    const readers: { reader: Subscriber; from: number }[] = [{ reader: first, from: 1 }];
    const publishing = publish([near, far], count);
    while (numbers(first).length < count) {
      await first.until((items) => items.length > (readers.length * count) / 25 || items.length === count);
      const node = draw.pick([near, far]);
      const from = draw.isChance(0.3) ? 0 : draw.below(Math.max(1, numbers(first).length));
      const cursor = from === 0 ? after : (first.items()[from - 1].cursor as string);
      const variables = { after: cursor };
      const reader = draw.isChance(0.5)
        ? subscribe(node.socket(admin), PLAIN, variables)
        : listen(node, admin, PLAIN, variables);
      readers.push({ reader, from: from + 1 });
    }
    await publishing;
    expect(readers.length).toBeGreaterThan(15);
    await Promise.all(readers.map(({ reader }) => reader.until((items) => items.at(-1)?.data.number === count)));
    for (const { reader, from } of readers) expect(numbers(reader)).toEqual(upTo(count, from));
  },
);

test('events: without a cursor a subscription starts with the next event and has no gaps', async () => {
  const near = await openGateway();
  const far = await openGateway({ database: near.database, clock: near.clock });
  const admin = await near.admin();
  const readers = [near, far].flatMap((node) => [subscribe(node.socket(admin), EVENTS), listen(node, admin, EVENTS)]);
  const publisher = startPublisher([near]);
  await Promise.all(readers.map((reader) => reader.until((items) => items.length >= 10)));
  const number = await publisher.stop();
  await Promise.all(readers.map((reader) => reader.until((items) => items.at(-1).data.number === number)));
  for (const reader of readers) {
    const seen = numbers(reader);
    expect(seen).toEqual(upTo(number, seen[0]!));
  }
});

test('events: a reader that is disconnected again and again gets every event once', { timeout: 300_000 }, async () => {
  const near = await openGateway();
  const far = await openGateway({ database: near.database, clock: near.clock });
  const admin = await near.admin();
  const draw = seededDraw(3);
  const count = isLong ? 2_000 : 200;
  const seen: number[] = [];
  let after = await logCursor(near, admin);
  const publishing = publish([near, far], count);
  while (seen.at(-1) !== count) {
    const node = draw.pick([near, far]);
    const client = node.socket(admin);
    const reader = subscribe(client, EVENTS, { after });
    const enough = 1 + draw.below(20);
    await reader.until((items) => items.length >= enough || items.at(-1)?.data.number === count);
    client.terminate();
    await reader.ended;
    seen.push(...numbers(reader));
    after = reader.items().at(-1).cursor;
  }
  await publishing;
  expect(seen).toEqual(upTo(count));
});

test('events: no event is missed when the LISTEN connections are cut, on the writing node and on another', async () => {
  const near = await openGateway();
  const far = await openGateway({ database: near.database, clock: near.clock });
  const admin = await near.admin();
  const after = await logCursor(near, admin);
  const readers = [near, far].map((node) => subscribe(node.socket(admin), EVENTS, { after }));
  await publish([near], 3);
  await Promise.all(readers.map((reader) => reader.until((items) => items.length === 3)));
  for (let round = 1; round <= 3; round += 1) {
    await cutListeners(near);
    await publish([near, far], 5);
    await expect
      .poll(() => {
        near.clock.advance(500);
        return readers.map((reader) => reader.items().length);
      })
      .toEqual([3 + 5 * round, 3 + 5 * round]);
  }
  expect(readers.map(numbers)).toEqual([
    [...upTo(3), ...upTo(5), ...upTo(5), ...upTo(5)],
    [...upTo(3), ...upTo(5), ...upTo(5), ...upTo(5)],
  ]);
});

test('events: the previous owner of a key gets the event of its transfer and none after it', async () => {
  const gateway = await openGateway();
  const admin = await gateway.admin();
  const [olga, max] = [await gateway.person('olga'), await gateway.person('max')];
  const reader = await issue(gateway, olga.token, { scopes: [{ action: 'keytide:read', resource: '**' }] });
  const key = await issue(gateway, olga.token);
  const after = await logCursor(gateway, admin);
  await mutate(gateway, olga.token, 'holdKey', { keyId: key.id, reason: 'looking' });
  await mutate(gateway, admin, 'transferKey', { keyId: key.id, owner: max.id, reason: 'moves on' });
  await mutate(gateway, max.token, 'resumeKey', { keyId: key.id });
  await mutate(gateway, olga.token, 'updateKey', { keyId: reader.id, name: 'the end' });
  await mutate(gateway, max.token, 'revokeKey', { keyId: key.id, reason: 'the end' });
  const [held, given, resumed, end] = ['KEY_HELD', 'KEY_TRANSFERRED', 'KEY_RESUMED', 'KEY_REVOKED'];
  const cases: [string, object, (string | undefined)[]][] = [
    [olga.token, {}, [held, given, 'KEY_UPDATED']],
    [reader.secret, {}, [held, given, 'KEY_UPDATED']],
    [max.token, {}, [given, resumed, end]],
    [admin, { owner: olga.id, keyIds: [key.id] }, [held, given]],
    [admin, { owner: max.id, keyIds: [key.id] }, [given, resumed, end]],
    [admin, { keyIds: [key.id] }, [held, given, resumed, end]],
  ];
  for (const [credential, filter, expected] of cases) {
    const types = ['KEY_HELD', 'KEY_TRANSFERRED', 'KEY_RESUMED', 'KEY_UPDATED', 'KEY_REVOKED'];
    const watcher = subscribe(gateway.socket(credential), EVENTS, { after, filter: { types, ...filter } });
    await watcher.until((items) => items.length >= expected.length);
    for (let turn = 0; turn < 50; turn += 1) await gateway.prisma.$queryRaw`SELECT 1`;
    expect(watcher.items().map(({ type }) => type)).toEqual(expected);
  }
  const seen = subscribe(gateway.socket(olga.token), EVENTS, { after, filter: { types: [given] } });
  await seen.until((items) => items.length === 1);
  expect(seen.items()).toMatchObject([{ key: null, data: { from: olga.id, to: max.id } }]);
});

test('events: an event must match every field of a filter', async () => {
  const gateway = await openGateway();
  const admin = await gateway.admin();
  const [olga, max] = [await gateway.person('olga'), await gateway.person('max')];
  await gateway.ask(
    'mutation($input: CreateRealmInput!) { createRealm(input: $input) { __typename } }',
    { input: { slug: 'other', name: 'Other' } },
    admin,
  );
  await gateway.ask(
    'mutation($input: DefineActionInput!) { defineAction(input: $input) { __typename } }',
    { input: { realm: 'other', name: 'package:push', description: 'push' } },
    admin,
  );
  const after = await logCursor(gateway, admin);
  const label = (value: string) => ({ name: 'repo', value });
  const a = await issue(gateway, olga.token, { name: 'a', labels: [label('one'), { name: 'team', value: 'x' }] });
  const b = await issue(gateway, olga.token, { name: 'b', realm: 'other', labels: [label('one')] });
  const c = await issue(gateway, max.token, { name: 'c', labels: [label('two')] });
  await mutate(gateway, olga.token, 'holdKey', { keyId: a.id, reason: 'looking' });
  await mutate(gateway, max.token, 'holdKey', { keyId: c.id, reason: 'looking' });
  await mutate(gateway, olga.token, 'resumeKey', { keyId: a.id });
  const all = ['ISSUED a', 'ISSUED b', 'ISSUED c', 'HELD a', 'HELD c', 'RESUMED a'];
  const cases: [object, string[]][] = [
    [{}, all],
    [{ types: ['KEY_HELD'] }, ['HELD a', 'HELD c']],
    [{ types: ['KEY_HELD', 'KEY_RESUMED'] }, ['HELD a', 'HELD c', 'RESUMED a']],
    [{ types: [] }, []],
    [{ realm: 'other' }, ['ISSUED b']],
    [{ realm: 'default' }, all.filter((event) => event !== 'ISSUED b')],
    [{ realm: 'nowhere' }, []],
    [{ owner: max.id }, ['ISSUED c', 'HELD c']],
    [{ owner: 'account_01h455vb4pex5vsknk084sn02q' }, []],
    [{ keyIds: [b.id, c.id] }, ['ISSUED b', 'ISSUED c', 'HELD c']],
    [{ keyIds: [] }, []],
    [{ labels: [label('one')] }, ['ISSUED a', 'ISSUED b', 'HELD a', 'RESUMED a']],
    [{ labels: [label('one'), { name: 'team', value: 'x' }] }, ['ISSUED a', 'HELD a', 'RESUMED a']],
    [{ labels: [label('one'), label('one')] }, ['ISSUED a', 'ISSUED b', 'HELD a', 'RESUMED a']],
    // No key has two values of one label.
    [{ labels: [label('one'), label('two')] }, []],
    [{ labels: [], types: ['KEY_RESUMED'] }, ['RESUMED a']],
    [
      { owner: olga.id, realm: 'default', types: ['KEY_ISSUED'], keyIds: [a.id, b.id], labels: [label('one')] },
      ['ISSUED a'],
    ],
  ];
  const client = gateway.socket(admin);
  const readers = cases.map(([filter]) => subscribe(client, EVENTS, { after, filter }));
  await Promise.all(readers.map((reader, index) => reader.until((items) => items.length >= cases[index]![1].length)));
  // Time enough for what should not come.
  for (let turn = 0; turn < 50; turn += 1) await gateway.prisma.$queryRaw`SELECT 1`;
  const names = new Map([
    [a.id, 'a'],
    [b.id, 'b'],
    [c.id, 'c'],
  ]);
  for (const [index, [filter, expected]] of cases.entries()) {
    const seen = readers[index]!.items().map(({ type, key }) => `${type.replace('KEY_', '')} ${names.get(key?.id)}`);
    expect(seen, JSON.stringify(filter)).toEqual(expected);
  }
});

test('events: a filter by labels uses the labels at the moment of sending', async () => {
  const near = await openGateway();
  const store = openInterceptedStore(near.database);
  const far = await openGateway({ database: near.database, clock: near.clock, store });
  const admin = await near.admin();
  const key = await issue(near, admin);
  const labels = [{ name: 'repo', value: 'acme' }];
  const after = await logCursor(near, admin);
  let lookedCount = 0;
  store.intercept('Key.count', async (run) => {
    const found = await run();
    lookedCount += 1;
    return found;
  });
  const reader = subscribe(far.socket(admin), PLAIN, { after, filter: { labels } });
  const changes: [object, boolean][] = [
    [{ name: 'one' }, false],
    [{ labels }, true],
    [{ name: 'two' }, true],
    [{ labels: [] }, false],
    [{ name: 'three' }, false],
    [{ labels }, true],
  ];
  for (const [index, [input]] of changes.entries()) {
    await mutate(near, admin, 'updateKey', { keyId: key.id, ...input });
    await expect.poll(() => lookedCount).toBe(index + 1);
  }
  const expected = changes.filter(([, isSent]) => isSent);
  await reader.until((items) => items.length >= expected.length);
  expect(reader.items().map(({ data }) => data.changed)).toEqual(expected.map(([input]) => Object.keys(input)));
});

test('events: a filter by realm also works for a realm that is created later', async () => {
  const gateway = await openGateway();
  const admin = await gateway.admin();
  const filter = { realm: 'later', types: ['REALM_CREATED', 'ACTION_DEFINED'] };
  const reader = subscribe(gateway.socket(admin), EVENTS, { after: await logCursor(gateway, admin), filter });
  for (const slug of ['other', 'later']) {
    await gateway.ask(
      'mutation($input: CreateRealmInput!) { createRealm(input: $input) { __typename } }',
      { input: { slug, name: slug } },
      admin,
    );
  }
  await reader.until((items) => items.length > 0);
  expect(reader.items()[0].type).toBe('REALM_CREATED');
});

test('events: a malformed cursor, or one ahead of this log, fails only its subscription', async () => {
  const gateway = await openGateway();
  const admin = await gateway.admin();
  const client = gateway.socket(admin);
  const reader = subscribe(client, EVENTS, { after: cursorAt(0), filter: { types: ['REALM_CREATED'] } });
  const head = Number((await gateway.prisma.logHead.findFirstOrThrow()).position);
  for (const after of [cursorAt(head + 1), cursorAt(999_999_999)]) {
    const refused = subscribe(client, EVENTS, { after });
    await refused.ended;
    const answers = refused.results.map(({ errors }) => errors?.[0]?.extensions);
    expect([refused.items(), answers]).toEqual([[], [{ code: 'CURSOR_AHEAD', newest: cursorAt(head) }]]);
  }
  for (const after of [
    '',
    'x',
    '2:1',
    Buffer.from('1:-1').toString('base64url'),
    Buffer.from('1:01').toString('base64url'),
    `${cursorAt(1)}=`,
    7,
    true,
    ['x'],
  ]) {
    const refused = subscribe(client, EVENTS, { after });
    await refused.ended;
    expect(
      [refused.items(), refused.results.map(({ errors }) => errors?.[0]?.extensions['code'])],
      String(after),
    ).toEqual([[], ['BAD_USER_INPUT']]);
  }
  const next = subscribe(client, EVENTS, { after: cursorAt(head) });
  await gateway.ask(
    'mutation($input: CreateRealmInput!) { createRealm(input: $input) { __typename } }',
    { input: { slug: 'new', name: 'New' } },
    admin,
  );
  await Promise.all([next.until((items) => items.length > 0), reader.until((items) => items.length === 2)]);
});

test('events: no caller gets an event that it may not see', async () => {
  const near = await openGateway();
  const far = await openGateway({ database: near.database, clock: near.clock });
  const admin = await near.admin();
  const [olga, max, nina] = [await near.person('olga'), await near.person('max'), await near.person('nina')];
  const organization = await makeOrganization(near, olga.token, [{ id: max.id, role: 'MEMBER' }]);
  await near.ask(
    'mutation($input: CreateRealmInput!) { createRealm(input: $input) { __typename } }',
    { input: { slug: 'other', name: 'Other' } },
    admin,
  );
  const realms = new Map((await near.prisma.realm.findMany()).map(({ slug, id }) => [slug, id]));
  const realmId = realms.get('default')!;
  const ofOlga = await issue(near, olga.token);
  const ofOrganization = await issue(near, olga.token, { owner: organization });
  const ofMax = await issue(near, max.token);
  const reader = await issue(near, olga.token, { scopes: [READ] });
  const plain = await issue(near, olga.token);
  const readerOfOrganization = await issue(near, olga.token, { scopes: [READ], owner: organization });
  const after = await logCursor(near, admin);

  // The recorded events, and what each is about.
  const recorded: [number, object][] = [
    [1, { keyId: ofOlga.id, ownerId: olga.id, realmId }],
    [2, { keyId: ofOrganization.id, ownerId: organization, realmId }],
    [3, { keyId: ofMax.id, ownerId: max.id, realmId }],
    [4, { keyId: reader.id, ownerId: olga.id, realmId }],
    [5, { keyId: plain.id, ownerId: olga.id, realmId }],
    [6, { keyId: ofOlga.id, ownerId: olga.id, realmId: realms.get('other') }],
    [7, { realmId }],
    [8, { realmId: realms.get('other') }],
    [9, { ownerId: olga.id }],
    [10, { ownerId: organization }],
    [11, {}],
    [12, { keyId: readerOfOrganization.id, ownerId: organization, realmId }],
  ];
  const everything = recorded.map(([number]) => number);
  const callers: [string, string, number[]][] = [
    ['an administrator', admin, everything],
    ['the owner', olga.token, [1, 2, 4, 5, 6, 7, 8, 9, 10, 11, 12]],
    ['a member', max.token, [2, 3, 7, 8, 10, 11, 12]],
    ['a stranger', nina.token, [7, 8, 11]],
    ['a key with keytide:read', reader.secret, [1, 4, 5, 7]],
    ['a key without', plain.secret, [5, 7]],
    ['a reading key of the organization', readerOfOrganization.secret, [2, 7, 12]],
  ];
  const readers = callers.map(([, credential], index) =>
    index % 2 === 0
      ? subscribe(near.socket(credential), EVENTS, { after })
      : listen(far, credential, EVENTS, { after }),
  );
  for (const [number, about] of recorded) await recordNumberedEvents(near, about, number);
  // One that all see, at the end.
  await recordNumberedEvents(near, { realmId }, 99);
  await Promise.all(readers.map((one) => one.until(() => numbers(one).includes(99))));
  for (const [index, [who, , expected]] of callers.entries()) {
    expect(numbers(readers[index]!), who).toEqual([...expected, 99]);
  }
});

test('events: while the database is away a stream waits, and continues without a gap', async () => {
  const near = await openGateway();
  const store = openInterceptedStore(near.database);
  const far = await openGateway({ database: near.database, clock: near.clock, store });
  const admin = await near.admin();
  const key = await issue(near, admin, { labels: [{ name: 'repo', value: 'acme' }] });
  const after = await logCursor(near, admin);
  const client = far.socket(admin);
  const filter = { labels: [{ name: 'repo', value: 'acme' }] };
  const live = subscribe(client, PLAIN, { after, filter });
  await recordNumberedEvents(near, { keyId: key.id }, 1);
  await live.until((items) => items.length === 1);
  let failedCount = 0;
  const away = async () => {
    failedCount += 1;
    throw awayError();
  };
  const resumes = [store.intercept('Key.count', away)];
  await recordNumberedEvents(near, { keyId: key.id }, 2);
  await expect.poll(() => failedCount).toBe(1);
  // One that is far behind reads the database itself.
  await recordManyEvents(near, 2_100, {});
  await far.services.follower.catchUp();
  resumes.push(store.intercept('$queryRaw Event', away));
  const behind = subscribe(client, PLAIN, { after });
  await expect.poll(() => failedCount).toBe(2);
  for (const resume of resumes) resume();
  await recordNumberedEvents(near, { keyId: key.id }, 3);
  await expect
    .poll(
      () => {
        far.clock.advance(1_000);
        return [live.items().length, behind.items().length];
      },
      { timeout: 20_000 },
    )
    .toEqual([3, 2_103]);
  expect(numbers(live)).toEqual([1, 2, 3]);
  expect(numbers(behind)).toEqual([1, 2, ...upTo(2_100), 3]);
});

test('events: a node that loses and regains its database keeps its streams, without a gap and without forbidden events', async () => {
  const near = await openGateway();
  const line = await openLine(near.database);
  const far = await openGateway({ database: line.database, clock: near.clock });
  const [olga, max] = [await near.person('olga'), await near.person('max')];
  const [ofOlga, ofMax] = [await issue(near, olga.token, { lifetime: 'P1D' }), await issue(near, max.token)];
  const other = await near.session(max.id);
  const after = await logCursor(near, await near.admin());
  const [stays, ends] = [olga, max].map(({ token }) => subscribe(far.socket(token), PLAIN, { after }));
  const overEvents = listen(far, olga.token, PLAIN, { after });
  const expiring = subscribe(far.socket(olga.token), 'subscription { expiring(within: "P9D") { key { id } } }');
  const tell = async (number: number) => {
    await recordNumberedEvents(near, { keyId: ofOlga.id, ownerId: olga.id }, number);
    await recordNumberedEvents(near, { keyId: ofMax.id, ownerId: max.id }, number);
  };
  await tell(1);
  await Promise.all([stays!, ends!, overEvents].map((reader) => reader.until(() => numbers(reader).length === 1)));
  await expiring.until((items) => items.length === 1);

  line.cut();
  await tell(2);
  for (let second = 1; second <= 5; second += 1) {
    far.clock.advance(1_000);
    await near.services.follower.catchUp();
  }
  await near.ask('mutation { signOut }', {}, max.token);
  const soon = await issue(near, olga.token, { lifetime: 'P2D' });
  await tell(3);
  expect((await far.ask('{ viewer { __typename } }', {}, olga.token)).errors?.[0]?.extensions['code']).toBe(
    'UNAVAILABLE',
  );
  line.mend();
  await expect
    .poll(
      () => {
        far.clock.advance(1_000);
        return [numbers(stays!), numbers(overEvents), expiring.items().map(({ key }) => key.id)];
      },
      { timeout: 20_000 },
    )
    .toEqual([
      [1, 2, 3],
      [1, 2, 3],
      [ofOlga.id, soon.id],
    ]);
  expect(await ends!.ended).toEqual({ kind: 'CLOSED', code: 4403, reason: 'SESSION_ENDED' });
  expect(numbers(ends!).includes(3)).toBe(false);
  const again = subscribe(far.socket(other), PLAIN, { after: ends!.items().at(-1).cursor });
  await again.until(() => numbers(again).includes(3));
});

test('events: an incomplete result ends the stream, without data and with UNAVAILABLE; the cursor before it has no gap', async () => {
  const near = await openGateway();
  const store = openInterceptedStore(near.database);
  const far = await openGateway({ database: near.database, clock: near.clock, store });
  const admin = await near.admin();
  const key = await issue(near, admin);
  for (const open of [
    (after: string) => subscribe(far.socket(admin), EVENTS, { after }),
    (after: string) => listen(far, admin, EVENTS, { after }),
  ]) {
    const reader = open(await logCursor(near, admin));
    await recordNumberedEvents(near, { keyId: key.id }, 1);
    await reader.until((items) => items.length === 1);
    const back = store.intercept('Key.findUnique', async () => {
      throw awayError();
    });
    await recordNumberedEvents(near, { keyId: key.id }, 2);
    expect(await reader.ended).toEqual({ kind: 'COMPLETE' });
    back();
    expect(numbers(reader)).toEqual([1]);
    expect(reader.results.at(-1)).toEqual({
      data: null,
      errors: [
        expect.objectContaining({ path: ['events', 'key'], extensions: { code: 'UNAVAILABLE', retryAfter: 1 } }),
      ],
    });
    const rest = subscribe(far.socket(admin), EVENTS, { after: reader.items().at(-1).cursor });
    await rest.until((items) => items.length === 1);
    expect(numbers(rest)).toEqual([2]);
  }
});

test('events: each result shows the state at its moment, also of objects that an earlier result has read', async () => {
  const gateway = await openGateway();
  const admin = await gateway.admin();
  const key = await issue(gateway, admin, { name: 'first' });
  const query =
    'subscription($after: Cursor) { events(after: $after) { type key { name labels { name value } owner { name } } } }';
  const reader = subscribe(gateway.socket(admin), query, { after: await logCursor(gateway, admin) });
  for (const name of ['second', 'third']) {
    const labels = [{ name: 'is', value: name }];
    await mutate(gateway, admin, 'updateKey', { keyId: key.id, name, labels });
    await reader.until((items) => items.some((item) => item.key.name === name));
  }
  expect(reader.items().map((item) => [item.key.name, item.key.labels[0].value])).toEqual([
    ['second', 'second'],
    ['third', 'third'],
  ]);
});

test('events: the history of a key is paged by cursors of the log', async () => {
  const gateway = await openGateway();
  const admin = await gateway.admin();
  const key = await issue(gateway, admin);
  for (let count = 1; count <= 5; count += 1)
    await mutate(gateway, admin, 'updateKey', { keyId: key.id, name: `name ${count}` });
  const query =
    'query($id: ID!, $first: Int, $after: String) { key(id: $id) { events(first: $first, after: $after) { edges { cursor node { type cursor } } pageInfo { hasNextPage endCursor } } } }';
  const page = async (first: number | null, after: string | null) =>
    (await gateway.ask(query, { id: key.id, first, after }, admin)).data?.['key']?.events;
  const one = await page(4, null);
  expect(one.edges.map(({ node }: any) => node.type)).toEqual([
    'KEY_ISSUED',
    'KEY_UPDATED',
    'KEY_UPDATED',
    'KEY_UPDATED',
  ]);
  expect(one.edges.every(({ cursor, node }: any) => cursor === node.cursor)).toBe(true);
  expect(one.pageInfo.hasNextPage).toBe(true);
  const two = await page(4, one.pageInfo.endCursor);
  expect([two.edges.length, two.pageInfo.hasNextPage]).toEqual([2, false]);
  expect((await page(0, null)).edges).toEqual([]);
  for (const [first, after] of [
    [101, null],
    [-1, null],
    [10, 'x'],
  ] as const) {
    const { errors } = await gateway.ask(query, { id: key.id, first, after }, admin);
    expect(errors?.[0]?.extensions['code']).toBe('BAD_USER_INPUT');
  }
});
