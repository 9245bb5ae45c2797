import { expect, test } from 'vitest';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../src/domain/duration.ts';
import { openGateway, type Gateway } from '../support/gateway.ts';
import { awayError, openInterceptedStore } from '../support/intercepted-store.ts';
import { mutate, issue, makeOrganization, READ, setMember } from '../support/issue.ts';
import { makeManyKeys } from '../support/many-keys.ts';
import { RENEW_KEY } from '../support/operations.ts';
import { cutListeners } from '../support/follower.ts';
import { openRawSocket } from '../support/raw-socket.ts';
import { seededDraw } from '../support/seeded-random.ts';
import { listen, subscribe, type Subscriber } from '../support/subscriber.ts';

const EXPIRING = /* GraphQL */ `
  subscription ($within: Duration!, $filter: KeyFilter) {
    expiring(within: $within, filter: $filter) {
      stopsAt
      stopsBasis
      remaining
      key {
        id
        name
      }
    }
  }
`;

const stopsSeen = (subscriber: Subscriber): [string, string][] =>
  subscriber.items().map(({ key, stopsAt }) => [key.id as string, stopsAt as string]);

const names = (subscriber: Subscriber): string[] => subscriber.items().map(({ key }) => key.name as string);

const instant = ({ clock }: Gateway, inMs: number) => new Date(clock.now().getTime() + inMs).toISOString();

const renew = (gateway: Gateway, credential: string, input: object) => gateway.ask(RENEW_KEY, { input }, credential);

/** Waits for a marker key that is sent after everything else, instead of waiting for a time. */
async function untilMarked(gateway: Gateway, owner: string, subscribers: readonly Subscriber[]): Promise<void> {
  const mark = await issue(gateway, owner, { name: 'mark', expiresAt: instant(gateway, DAY_MS) });
  await Promise.all(subscribers.map((one) => one.until((items) => items.some(({ key }) => key.id === mark.id))));
}

const itemsWithoutMarks = (subscriber: Subscriber) =>
  subscriber.items().flatMap(({ key, stopsAt }) => (key.name === 'mark' ? [] : [[key.id, stopsAt]]));

test('expiring: keys within the time come first, soonest first, over many pages; keys that do not work are left out', async () => {
  const gateway = await openGateway();
  const olga = await gateway.person('olga');
  const stranger = await gateway.person('max');
  const { id: realmId } = await gateway.prisma.realm.findFirstOrThrow();
  const stops = (inMs: number) => {
    const at = new Date(gateway.clock.now().getTime() + inMs);
    return { accountId: olga.id, expiresAt: at, expiryBasis: 'HARD', stopsAt: at, stopsBasis: 'HARD' } as const;
  };
  const draw = seededDraw(7);
  const many = Array.from({ length: 250 }, () => stops((1 + draw.below(40)) * HOUR_MS));
  await makeManyKeys(gateway.services, realmId, [
    ...many,
    { ...stops(HOUR_MS), isHeld: true },
    { ...stops(HOUR_MS), revokedAt: gateway.clock.now() },
    { ...stops(-HOUR_MS) },
    { ...stops(HOUR_MS), accountId: stranger.id },
    { accountId: olga.id },
  ]);
  const watcher = subscribe(gateway.socket(olga.token), EXPIRING, { within: 'P1D' });
  await untilMarked(gateway, olga.token, [watcher]);
  const expected = await gateway.prisma.key.findMany({
    where: {
      accountId: olga.id,
      revokedAt: null,
      holds: { none: {} },
      stopsAt: { gt: gateway.clock.now(), lte: new Date(gateway.clock.now().getTime() + DAY_MS) },
    },
    orderBy: [{ stopsAt: 'asc' }, { id: 'asc' }],
  });
  const rest = expected.filter(({ name }) => name !== 'mark');
  expect(rest.length).toBeGreaterThan(100);
  expect(itemsWithoutMarks(watcher)).toEqual(rest.map(({ id, stopsAt }) => [id, stopsAt?.toISOString()]));
});

test('expiring: each key is sent at the moment at which its stop comes within the time, on every node and over SSE', async () => {
  const near = await openGateway();
  const far = await openGateway({ database: near.database, clock: near.clock });
  const olga = await near.person('olga');
  await issue(near, olga.token, { name: 'in 3 days', lifetime: 'P3D' });
  await issue(near, olga.token, { name: 'in 2 days', lifetime: 'P2D' });
  await issue(near, olga.token, { name: 'while used' });
  const variables = { within: 'PT47H' };
  const watchers = [
    subscribe(near.socket(olga.token), EXPIRING, variables),
    subscribe(far.socket(olga.token), EXPIRING, variables),
    listen(near, olga.token, EXPIRING, variables),
  ];
  await untilMarked(near, olga.token, watchers);
  near.clock.advance(HOUR_MS - 1);
  await untilMarked(near, olga.token, watchers);
  expect(watchers.map(itemsWithoutMarks)).toEqual([[], [], []]);
  near.clock.advance(1);
  await Promise.all(
    watchers.map((watcher) => watcher.until((items) => items.some(({ key }) => key.name === 'in 2 days'))),
  );
  const [item] = watchers[0]!.items().filter(({ key }) => key.name === 'in 2 days');
  expect(item).toMatchObject({ stopsAt: instant(near, 47 * HOUR_MS), stopsBasis: 'HARD', remaining: 'P1DT23H' });
  near.clock.advance(11 * HOUR_MS - 1);
  await untilMarked(near, olga.token, watchers);
  expect(watchers.map((watcher) => itemsWithoutMarks(watcher).length)).toEqual([1, 1, 1]);
});

test('expiring: every kind of change that brings a stop within the time sends the key', async () => {
  const gateway = await openGateway();
  const [olga, max] = [await gateway.person('olga'), await gateway.person('max')];
  const watcher = subscribe(gateway.socket(olga.token), EXPIRING, {
    within: 'P30D',
    filter: { labels: [{ name: 'repo', value: 'acme' }] },
  });
  const labels = [{ name: 'repo', value: 'acme' }];
  const seen = (name: string) => watcher.until((items) => items.some(({ key }) => key.name === name));

  await issue(gateway, olga.token, { name: 'issued', lifetime: 'P10D', labels });
  await seen('issued');
  const nearer = await issue(gateway, olga.token, { name: 'brought nearer', lifetime: 'P90D', labels });
  await mutate(gateway, olga.token, 'updateKey', { keyId: nearer.id, expiresAt: instant(gateway, 20 * DAY_MS) });
  await seen('brought nearer');
  const labelled = await issue(gateway, olga.token, { name: 'labelled', lifetime: 'P10D' });
  await mutate(gateway, olga.token, 'updateKey', { keyId: labelled.id, labels });
  await seen('labelled');
  const held = await issue(gateway, olga.token, { name: 'resumed', lifetime: 'P60D', labels });
  await mutate(gateway, olga.token, 'holdKey', { keyId: held.id, reason: 'looking' });
  await mutate(gateway, olga.token, 'updateKey', { keyId: held.id, expiresAt: instant(gateway, 5 * DAY_MS) });
  await mutate(gateway, olga.token, 'resumeKey', { keyId: held.id });
  await seen('resumed');
  const theirs = await issue(gateway, max.token, { name: 'given', lifetime: 'P10D', labels });
  const admin = await gateway.admin();
  await mutate(gateway, admin, 'transferKey', { keyId: theirs.id, owner: olga.id });
  await seen('given');
  expect(names(watcher)).toEqual(['issued', 'brought nearer', 'labelled', 'resumed', 'given']);
});

test('expiring: a gained role adds its keys, a lost role removes them', async () => {
  const gateway = await openGateway();
  const [olga, max] = [await gateway.person('olga'), await gateway.person('max')];
  const organizationId = await makeOrganization(gateway, olga.token);
  await issue(gateway, olga.token, { name: 'theirs', lifetime: 'P10D', owner: organizationId });
  await issue(gateway, max.token, { name: 'his', lifetime: 'P12D' });
  const watcher = subscribe(gateway.socket(max.token), EXPIRING, { within: 'P30D' });
  await watcher.until((items) => items.length === 1);
  await setMember(gateway, olga.token, { organizationId, accountId: max.id, role: 'MEMBER' });
  await watcher.until((items) => items.length === 2);
  await setMember(gateway, olga.token, { organizationId, accountId: max.id, role: null });
  await issue(gateway, olga.token, { name: 'theirs, later', lifetime: 'P10D', owner: organizationId });
  await untilMarked(gateway, max.token, [watcher]);
  expect(names(watcher)).toEqual(['his', 'theirs', 'mark']);
});

test('expiring: a key with keytide:read gets its owner’s keys in its realm, another key only itself', async () => {
  const gateway = await openGateway();
  const admin = await gateway.admin();
  const olga = await gateway.person('olga');
  const realm = 'mutation($input: CreateRealmInput!) { createRealm(input: $input) { __typename } }';
  await gateway.ask(realm, { input: { slug: 'other', name: 'Other' } }, admin);
  const action = 'mutation($input: DefineActionInput!) { defineAction(input: $input) { __typename } }';
  await gateway.ask(action, { input: { realm: 'other', name: 'package:push', description: 'push' } }, admin);
  const reader = await issue(gateway, olga.token, { name: 'reader', scopes: [READ], lifetime: 'P3D' });
  const plain = await issue(gateway, olga.token, { name: 'plain', lifetime: 'P4D' });
  await issue(gateway, olga.token, { name: 'elsewhere', lifetime: 'P5D', realm: 'other' });
  await issue(gateway, (await gateway.person('max')).token, { name: 'of another', lifetime: 'P6D' });
  const [all, own] = [reader, plain].map(({ secret }) =>
    subscribe(gateway.socket(secret), EXPIRING, { within: 'P30D' }),
  );
  await all!.until((items) => items.length === 2);
  await own!.until((items) => items.length === 1);
  await mutate(gateway, olga.token, 'updateKey', { keyId: reader.id, expiresAt: instant(gateway, DAY_MS) });
  await all!.until((items) => items.length === 3);
  expect([names(all!), names(own!)]).toEqual([['reader', 'plain', 'reader'], ['plain']]);
});

test('expiring: each stop of a key is sent once; a new stop, or a former stop after a new one, is sent again', async () => {
  const gateway = await openGateway();
  const olga = await gateway.person('olga');
  const key = await issue(gateway, olga.token, { lifetime: 'P10D' });
  const first = instant(gateway, 10 * DAY_MS);
  const watcher = subscribe(gateway.socket(olga.token), EXPIRING, { within: 'P30D' });
  await watcher.until((items) => items.length === 1);
  await mutate(gateway, olga.token, 'updateKey', { keyId: key.id, name: 'renamed' });
  await mutate(gateway, olga.token, 'holdKey', { keyId: key.id, reason: 'looking' });
  await mutate(gateway, olga.token, 'resumeKey', { keyId: key.id });
  await renew(gateway, olga.token, { keyId: key.id, lifetime: 'P20D' });
  const second = instant(gateway, 20 * DAY_MS);
  await watcher.until((items) => items.length === 2);
  await mutate(gateway, olga.token, 'updateKey', { keyId: key.id, expiresAt: first });
  await watcher.until((items) => items.length === 3);
  // Far out of sight, and by the time it comes into sight again.
  await renew(gateway, olga.token, { keyId: key.id, lifetime: 'P90D' });
  const third = instant(gateway, 90 * DAY_MS);
  await untilMarked(gateway, olga.token, [watcher]);
  expect(itemsWithoutMarks(watcher)).toEqual([first, second, first].map((at) => [key.id, at]));
  gateway.clock.advance(11 * HOUR_MS);
  const reader = subscribe(gateway.socket(olga.token), EXPIRING, { within: 'P90D' });
  await reader.until((items) => items.some(({ stopsAt }) => stopsAt === third));
});

test('expiring: the database is read only when a visible key has changed or a stop comes within the time', async () => {
  const near = await openGateway();
  const store = openInterceptedStore(near.database);
  // The node runs no reviews, so that only the subscription reads.
  const far = await openGateway({ database: near.database, clock: near.clock, store, isClockTrusted: () => false });
  const [olga, max] = [await near.person('olga'), await near.person('max')];
  const key = await issue(near, olga.token, { lifetime: 'P10D' });
  let askedCount = 0;
  const count = (run: () => Promise<unknown>) => {
    askedCount += 1;
    return run();
  };
  for (const operation of ['Key.findMany', 'Key.findFirst']) store.intercept(operation, count);
  const raw = await openRawSocket(far, olga.token);
  store.intercept('$queryRaw Session', count);
  raw.send({ type: 'subscribe', id: '1', payload: { query: EXPIRING, variables: { within: 'P30D' } } });
  await raw.next();
  // One read authenticates the operation; a pass is three: the page, the revalidation, and the next stop.
  await expect.poll(() => askedCount).toBe(1 + 3);
  askedCount = 0;
  const caughtUp = async () => {
    await far.services.follower.catchUp();
    const { position } = await near.prisma.logHead.findFirstOrThrow();
    expect(far.services.follower.head).toBe(position);
    for (let turn = 0; turn < 20; turn += 1) await far.prisma.$queryRaw`SELECT 1`;
  };

  // Keys of others, events about no key, and events that can only remove a key.
  const theirs = await issue(near, max.token, { lifetime: 'P10D' });
  await mutate(near, max.token, 'updateKey', { keyId: theirs.id, name: 'renamed' });
  await mutate(near, max.token, 'revokeKey', { keyId: theirs.id, reason: 'done' });
  await near.session(max.id);
  await caughtUp();
  expect(askedCount).toBe(0);
  await mutate(near, olga.token, 'holdKey', { keyId: key.id, reason: 'looking' });
  await caughtUp();
  expect(askedCount).toBe(0);
  near.clock.advance(9 * HOUR_MS);
  await caughtUp();
  expect(askedCount).toBe(0);

  // One look.
  await mutate(near, olga.token, 'resumeKey', { keyId: key.id });
  await expect.poll(() => askedCount).toBeGreaterThanOrEqual(3);
  await caughtUp();
  expect(askedCount).toBe(3);
});

test('expiring: while the database is away the stream waits; afterwards every stop is sent once', async () => {
  const near = await openGateway();
  const store = openInterceptedStore(near.database);
  const far = await openGateway({ database: near.database, clock: near.clock, store });
  const olga = await near.person('olga');
  const watcher = subscribe(far.socket(olga.token), EXPIRING, { within: 'P30D' });
  await untilMarked(near, olga.token, [watcher]);
  for (const operation of ['Key.findMany', 'Key.findFirst', '$queryRaw Session']) {
    let failedCount = 0;
    const back = store.intercept(operation, async () => {
      failedCount += 1;
      throw awayError();
    });
    const key = await issue(near, olga.token, { name: operation, lifetime: 'P10D' });
    await expect.poll(() => failedCount).toBeGreaterThan(0);
    const before = failedCount;
    far.clock.advance(1_000);
    await expect.poll(() => failedCount).toBeGreaterThan(before);
    back();
    await expect
      .poll(() => {
        far.clock.advance(1_000);
        return watcher.items().filter((item) => item.key.id === key.id).length;
      })
      .toBe(1);
  }
  await untilMarked(near, olga.token, [watcher]);
  expect(itemsWithoutMarks(watcher)).toHaveLength(3);
});

test('expiring: no stop is missed when the LISTEN connection is cut', async () => {
  const gateway = await openGateway();
  const olga = await gateway.person('olga');
  const watcher = subscribe(gateway.socket(olga.token), EXPIRING, { within: 'P30D' });
  await untilMarked(gateway, olga.token, [watcher]);
  await cutListeners(gateway);
  const keys = [];
  for (let days = 1; days <= 5; days += 1) keys.push(await issue(gateway, olga.token, { lifetime: `P${days}D` }));
  await expect
    .poll(() => {
      gateway.clock.advance(500);
      return itemsWithoutMarks(watcher).length;
    })
    .toBe(5);
  expect(itemsWithoutMarks(watcher)).toEqual(keys.map(({ id, stopsAt }) => [id, stopsAt]));
});

test('expiring: no key that was read after the end of the credential is sent, also before the node has read the log', async () => {
  const near = await openGateway();
  const store = openInterceptedStore(near.database);
  const far = await openGateway({ database: near.database, clock: near.clock, store });
  const olga = await near.person('olga');
  const other = await near.session(olga.id);
  const raw = await openRawSocket(far, olga.token);
  const looking = store.hold('Key.findMany');
  raw.send({ type: 'subscribe', id: '1', payload: { query: EXPIRING, variables: { within: 'P30D' } } });
  await looking.reached;
  const unread = store.hold('Event.findMany');
  await near.ask('mutation { signOut }', {}, olga.token);
  await issue(near, other, { lifetime: 'P10D' });
  looking.release();
  expect(await raw.closed).toEqual({ code: 4403, reason: 'SESSION_ENDED' });
  expect(raw.messages.filter(({ type, payload }) => type === 'next' && payload.data !== null)).toEqual([]);
  unread.release();
});

test('expiring: a time that is too long, or a bad filter, fails only its subscription', async () => {
  const gateway = await openGateway();
  const client = gateway.socket(await gateway.admin());
  for (const variables of [
    { within: 'P367D' },
    { within: 'P1M' },
    { within: 'P1D', filter: { search: 'x'.repeat(1_000) } },
  ]) {
    const refused = subscribe(client, EXPIRING, variables);
    await refused.ended;
    expect(refused.items()).toEqual([]);
    expect(refused.results.map(({ errors }) => errors?.[0]?.extensions['code'])).toEqual(['BAD_USER_INPUT']);
  }
  const good = subscribe(client, EXPIRING, { within: 'P366D' });
  await untilMarked(gateway, await gateway.admin(), [good]);
});

test('expiring: renewalInfo is the same as that of the key', async () => {
  const gateway = await openGateway();
  const olga = await gateway.person('olga');
  const info = 'renewalInfo { allowed mode window { opensAt closesAt } suggestedAt longest retryAfter reason }';
  const query = `subscription { expiring(within: "P30D") { ${info} key { ${info} owner { name } realm { slug } scopes { action } } } }`;
  await issue(gateway, olga.token, { lifetime: 'P10D' });
  const watcher = subscribe(gateway.socket(olga.token), query);
  await watcher.until((items) => items.length === 1);
  const [{ renewalInfo, key }] = watcher.items() as [any];
  expect(renewalInfo).toEqual(key.renewalInfo);
  expect(key).toMatchObject({
    owner: { name: 'olga' },
    realm: { slug: 'default' },
    scopes: [{ action: 'package:push' }],
  });
  expect(renewalInfo.allowed).toBe(true);
});

test(
  'expiring: over random histories each stop is sent once, when it comes within the time, on both nodes',
  { timeout: 300_000 },
  async () => {
    const isLong = process.env['KEYTIDE_TEST_LONG'] !== undefined;
    for (let seed = 1; seed <= (isLong ? 12 : 2); seed += 1) {
      const draw = seededDraw(seed);
      const near = await openGateway();
      const far = await openGateway({ database: near.database, clock: near.clock });
      const olga = await near.person('olga');
      const admin = () => near.admin();
      const withinMs = 20 * DAY_MS;
      const watchers = [near, far].map((node) => subscribe(node.socket(olga.token), EXPIRING, { within: 'P20D' }));
      const keys: string[] = [];
      const lastTold = new Map<string, string>();
      const expected: [string, string][] = [];
      for (let step = 0; step < (isLong ? 150 : 60); step += 1) {
        const credential = await admin();
        const keyId = keys.length === 0 ? '' : draw.pick(keys);
        const days = 1 + draw.below(45);
        const choice = draw.below(8);
        if (keyId === '' || choice === 0 || choice === 7) {
          keys.push((await issue(near, credential, { owner: olga.id, lifetime: `P${days}D` })).id);
        } else if (choice === 1) await renew(near, credential, { keyId, lifetime: `P${days}D` });
        else if (choice === 2)
          await near.ask(UPDATE, { input: { keyId, expiresAt: instant(near, days * DAY_MS) } }, credential);
        else if (choice === 3) await near.ask(HOLD, { input: { keyId, reason: 'a test' } }, credential);
        else if (choice === 4) await near.ask(RESUME, { input: { keyId } }, credential);
        else if (choice === 5) await near.ask(UPDATE, { input: { keyId, name: `renamed ${step}` } }, credential);
        // In all less than the 12 hours of a session.
        else near.clock.advance(draw.below(10) * MINUTE_MS + 0);

        const now = near.clock.now();
        const inSight = await near.prisma.key.findMany({
          where: {
            accountId: olga.id,
            revokedAt: null,
            expiredAt: null,
            holds: { none: {} },
            stopsAt: { gt: now, lte: new Date(now.getTime() + withinMs) },
          },
          orderBy: [{ stopsAt: 'asc' }, { id: 'asc' }],
        });
        for (const { id, stopsAt } of inSight) {
          const stop = stopsAt!.toISOString();
          if (lastTold.get(id) !== stop) expected.push([id, stop]);
          lastTold.set(id, stop);
        }
        await Promise.all(watchers.map((watcher) => watcher.until((items) => items.length >= expected.length)));
        expect(watchers.map(stopsSeen), `seed ${seed}, step ${step}`).toEqual([expected, expected]);
      }
      expect(expected.length).toBeGreaterThan(5);
      await Promise.all([near.stop(), far.stop()]);
    }
  },
);

const UPDATE = 'mutation($input: UpdateKeyInput!) { updateKey(input: $input) { __typename } }';
const HOLD = 'mutation($input: HoldKeyInput!) { holdKey(input: $input) { __typename } }';
const RESUME = 'mutation($input: ResumeKeyInput!) { resumeKey(input: $input) { __typename } }';
