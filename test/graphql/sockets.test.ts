import { createServer } from 'node:http';
import { pino } from 'pino';
import { expect, onTestFinished, test } from 'vitest';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../src/domain/duration.ts';
import { newSecret } from '../../src/domain/secret.ts';
import { createGraphqlServer } from '../../src/graphql/graphql-server.ts';
import { acceptSockets } from '../../src/graphql/sockets.ts';
import { TrustedProxies } from '../../src/http/client-address.ts';
import { listen } from '../../src/http/listen.ts';
import { ManualClock } from '../support/clock.ts';
import { openGateway, type Gateway } from '../support/gateway.ts';
import { BEHIND_MS } from '../../src/keys/table/key-table.ts';
import { awayError, openInterceptedStore } from '../support/intercepted-store.ts';
import {
  mutate,
  issue,
  logCursor,
  makeOrganization,
  startPublisher,
  READ,
  setMember,
  recordManyEvents,
  recordNumberedEvents,
} from '../support/issue.ts';
import { ROTATE_KEY } from '../support/operations.ts';
import { openRawSocket, rawSocket, refusedUpgrade } from '../support/raw-socket.ts';
import { subscribe, type Subscriber } from '../support/subscriber.ts';

const EVENTS =
  'subscription($after: Cursor, $filter: EventFilter) { events(after: $after, filter: $filter) { cursor type data } }';

/** Two nodes of one database, the second with a store that can be interfered with. */
async function twoNodes() {
  const near = await openGateway();
  const store = openInterceptedStore(near.database);
  const far = await openGateway({ database: near.database, clock: near.clock, store });
  return { near, far, store };
}

/** The numbers of the numbered events that came. */
function numbers(subscriber: Subscriber): number[] {
  return subscriber.items().flatMap(({ data }) => ('number' in data ? [data.number as number] : []));
}

/** Some round trips to the database. */
async function tick({ prisma }: Pick<Gateway, 'prisma'>): Promise<void> {
  for (let count = 0; count < 20; count += 1) await prisma.$queryRaw`SELECT 1`;
}

/** What becomes of an idle socket's credential, and how the socket closes then. */
interface Ending {
  readonly what: string;
  readonly code: number;
  readonly reason: string;
  /** What a new socket with it closes with, when that is another code. */
  readonly codeWhenShownAgain?: number;
  /** Makes a credential, and what ends it. */
  prepare(gateway: Gateway): Promise<{ readonly credential: string; end(): Promise<unknown> }>;
}

const ofPerson = (
  what: string,
  code: number,
  reason: string,
  end: (gateway: Gateway, person: { id: string; token: string }) => Promise<unknown>,
): Ending => ({
  what,
  code,
  reason,
  async prepare(gateway) {
    const person = await gateway.person('olga');
    return { credential: person.token, end: () => end(gateway, person) };
  },
});

const ofKey = (
  what: string,
  code: number,
  reason: string,
  end: (gateway: Gateway, owner: string, key: { id: string; secret: string }) => Promise<unknown>,
  input: object = {},
): Ending => ({
  what,
  code,
  reason,
  async prepare(gateway) {
    const { token } = await gateway.person('olga');
    const key = await issue(gateway, token, input);
    return { credential: key.secret, end: () => end(gateway, token, key) };
  },
});

const rotate = async (gateway: Gateway, credential: string, input: object) => {
  const { data } = await gateway.ask(ROTATE_KEY, { input }, credential);
  return data['rotateKey'].secret as string;
};

const endings: readonly Ending[] = [
  ofPerson('a session that signs out', 4403, 'SESSION_ENDED', (gateway, { token }) =>
    gateway.ask('mutation { signOut }', {}, token),
  ),
  ofPerson('a session whose password is changed in another', 4403, 'SESSION_ENDED', async (gateway, { id }) => {
    const input = { currentPassword: 'the password of olga', newPassword: 'another long password' };
    const query = 'mutation($input: ChangePasswordInput!) { changePassword(input: $input) { __typename } }';
    const { data } = await gateway.ask(query, { input }, await gateway.session(id));
    expect(data['changePassword'].__typename).toBe('ChangePasswordSuccess');
  }),
  {
    ...ofPerson('a session that is over', 4403, 'SESSION_ENDED', async (gateway) =>
      gateway.clock.advance(12 * HOUR_MS),
    ),
    // An expired token is refused like an unknown one, without naming its account.
    codeWhenShownAgain: 4401,
  },
  ofPerson('a session of an account that is closed', 4401, 'ACCOUNT_DISABLED', async (gateway, { id }) =>
    gateway.ask(
      'mutation($input: DisableAccountInput!) { disableAccount(input: $input) { __typename } }',
      { input: { accountId: id, reason: 'left' } },
      await gateway.admin(),
    ),
  ),
  ofKey('a key that its owner revokes', 4401, 'KEY_REVOKED', (gateway, owner, { id }) =>
    mutate(gateway, owner, 'revokeKey', { keyId: id, reason: 'leaked' }),
  ),
  ofKey('a key that revokes itself', 4401, 'KEY_REVOKED', (gateway, _owner, { secret }) =>
    mutate(gateway, secret, 'revokeKey', { reason: 'done' }),
  ),
  ofKey('a key that is held', 4403, 'KEY_HELD', (gateway, owner, { id }) =>
    mutate(gateway, owner, 'holdKey', { keyId: id, reason: 'looking into it' }),
  ),
  ofKey('a key that expires', 4403, 'KEY_EXPIRED', async (gateway) => gateway.clock.advance(2 * DAY_MS), {
    lifetime: 'P2D',
  }),
  ofKey('a key whose expiry is brought nearer', 4403, 'KEY_EXPIRED', async (gateway, owner, { id }) => {
    const expiresAt = new Date(gateway.clock.now().getTime() + MINUTE_MS).toISOString();
    await mutate(gateway, owner, 'updateKey', { keyId: id, expiresAt });
    await gateway.services.follower.catchUp();
    await tick(gateway);
    gateway.clock.advance(MINUTE_MS);
  }),
  ofKey('a secret whose grace period is over', 4403, 'SECRET_RETIRED', async (gateway, owner, { id }) => {
    await rotate(gateway, owner, { keyId: id, gracePeriod: 'PT1M' });
    await gateway.services.follower.catchUp();
    await tick(gateway);
    gateway.clock.advance(MINUTE_MS);
  }),
  ofKey('a secret that is retired by confirmation', 4403, 'SECRET_RETIRED', async (gateway, owner, { id }) => {
    await rotate(gateway, owner, { keyId: id });
    await mutate(gateway, owner, 'confirmRotation', { keyId: id });
  }),
];

test.for(endings)(
  'sockets: an idle socket closes with $code after $what, on the node that ends the credential and on another',
  async ({ code, reason, prepare, codeWhenShownAgain = code }) => {
    const near = await openGateway();
    const far = await openGateway({ database: near.database, clock: near.clock });
    const { credential, end } = await prepare(near);
    const sockets = [await openRawSocket(near, credential), await openRawSocket(far, credential)];
    await end();
    for (const { closed } of sockets) expect(await closed).toEqual({ code, reason });
    const late = await rawSocket(far);
    late.send({ type: 'connection_init', payload: { authorization: `Bearer ${credential}` } });
    expect((await late.closed).code).toBe(codeWhenShownAgain);
    const bystander = await openRawSocket(far, await near.admin());
    bystander.send({ type: 'ping' });
    expect(await bystander.next()).toEqual({ type: 'pong' });
  },
);

test('sockets: the end of one credential of an account or key leaves its other sockets open', async () => {
  const gateway = await openGateway();
  const olga = await gateway.person('olga');
  const other = await gateway.session(olga.id);
  const key = await issue(gateway, olga.token);
  const kept = await openRawSocket(gateway, other);
  const oldSecret = await openRawSocket(gateway, key.secret);
  const newSecret = await openRawSocket(gateway, await rotate(gateway, olga.token, { keyId: key.id }));
  await gateway.ask('mutation { signOut }', {}, olga.token);
  await mutate(gateway, other, 'confirmRotation', { keyId: key.id });
  expect((await oldSecret.closed).reason).toBe('SECRET_RETIRED');
  for (const open of [kept, newSecret]) {
    open.send({ type: 'ping' });
    expect(await open.next()).toEqual({ type: 'pong' });
  }
});

test('sockets: a renewal postpones the end of an open socket', async () => {
  const gateway = await openGateway();
  const olga = await gateway.person('olga');
  const key = await issue(gateway, olga.token, { lifetime: 'P2D' });
  const raw = await openRawSocket(gateway, key.secret);
  gateway.clock.advance(DAY_MS);
  await gateway.ask(
    'mutation($input: RenewKeyInput!) { renewKey(input: $input) { __typename } }',
    { input: { lifetime: 'P3D' } },
    key.secret,
  );
  await gateway.services.follower.catchUp();
  gateway.clock.advance(2 * DAY_MS);
  raw.send({ type: 'subscribe', id: '1', payload: { query: '{ viewer { __typename } }' } });
  expect(await raw.next()).toMatchObject({ type: 'next', payload: { data: { viewer: { __typename: 'Key' } } } });
  gateway.clock.advance(DAY_MS);
  expect(await raw.closed).toEqual({ code: 4403, reason: 'KEY_EXPIRED' });
});

test('sockets: at a restart sockets close with 1012, unresponsive clients are disconnected and new ones refused', async () => {
  const gateway = await openGateway();
  const raw = await openRawSocket(gateway, await gateway.admin());
  const deaf = await openRawSocket(gateway, await gateway.admin());
  // It reads nothing any more: neither the close nor anything else is answered.
  (deaf.socket as any)._socket.pause();
  const stopped = gateway.stop();
  expect(await raw.closed).toEqual({ code: 1012, reason: 'Service restart' });
  let isStopped = false;
  void stopped.then(() => (isStopped = true));
  await tick(gateway);
  expect(isStopped).toBe(false);
  gateway.clock.advance(5_000);
  await stopped;
  await expect(refusedUpgrade(gateway)).rejects.toThrow();
});

test('sockets: a client that answers no ping is disconnected, a client that answers is not', async () => {
  const gateway = await openGateway();
  const { services } = gateway;
  const logger = pino({ enabled: false });
  const server = createServer();
  const graphql = createGraphqlServer(services, { logger, isOpen: true });
  const options = { logger, proxies: new TrustedProxies([]), allowedOrigins: [], pingMs: 100 };
  const sockets = acceptSockets(server, graphql, services, options);
  const port = await listen(server, '127.0.0.1', 0);
  onTestFinished(async () => {
    await sockets.close();
    server.close();
  });
  const url = `http://127.0.0.1:${port}`;
  const gone = await openRawSocket({ url }, await gateway.admin());
  const present = await openRawSocket({ url }, await gateway.admin());
  (gone.socket as any)._receiver.removeAllListeners('ping');
  expect(sockets.count()).toBe(2);
  expect((await gone.closed).code).toBe(1006);
  await new Promise((resolve) => present.socket.once('ping', resolve));
  present.send({ type: 'ping' });
  expect(await present.next()).toEqual({ type: 'pong' });
  expect(sockets.count()).toBe(1);
});

test(
  'sockets: no event that was committed after the end of the credential is sent, on two nodes, for every kind of end',
  { timeout: 180_000 },
  async () => {
    const { near, far } = await twoNodes();
    const isLong = process.env['KEYTIDE_TEST_LONG'] !== undefined;
    const rounds = isLong ? 40 : 3;
    const realm = await near.prisma.realm.findUniqueOrThrow({ where: { slug: 'default' } });
    for (let round = 0; round < rounds; round += 1) {
      const olga = await near.person(`olga${round}`);
      const [revoked, held] = [
        await issue(near, olga.token, { scopes: [READ] }),
        await issue(near, olga.token, { scopes: [READ] }),
      ];
      const subject = await issue(near, olga.token);
      const after = await logCursor(near, olga.token);
      const session = await near.session(olga.id);
      const watchers = [near, far].flatMap((node) =>
        [session, revoked.secret, held.secret].map((credential) =>
          subscribe(node.socket(credential), EVENTS, { after }),
        ),
      );
      const about = { keyId: subject.id, realmId: realm.id, ownerId: olga.id };
      const publisher = startPublisher([near, far], about);
      await Promise.all(watchers.map((watcher) => watcher.until(() => numbers(watcher).length >= 5)));
      await Promise.all([
        near.ask('mutation { signOut }', {}, session),
        mutate(near, olga.token, 'revokeKey', { keyId: revoked.id, reason: 'leaked' }),
        mutate(near, olga.token, 'holdKey', { keyId: held.id, reason: 'looking' }),
      ]);
      const publishedAt = publisher.number;
      const ends = await Promise.all(watchers.map((watcher) => watcher.ended));
      await publisher.until(publishedAt + 5);
      await publisher.stop();
      expect(ends.map((end) => end.kind === 'CLOSED' && end.code)).toEqual([4403, 4401, 4403, 4403, 4401, 4403]);

      const log = await near.prisma.event.findMany({ where: { ownerId: olga.id }, orderBy: { position: 'asc' } });
      const positionOf = (type: string, keyId: string | null) =>
        log.findLast((event) => event.type === type && (keyId === null || event.keyId === keyId))!.position;
      const lasts = [
        positionOf('ACCOUNT_SIGNED_OUT', null),
        positionOf('KEY_REVOKED', revoked.id),
        positionOf('KEY_HELD', held.id),
      ];
      for (const [index, watcher] of watchers.entries()) {
        const before = log.filter(({ position }) => position < lasts[index % 3]!);
        const admitted = before.flatMap(({ data }) => ('number' in (data as object) ? [(data as any).number] : []));
        // A beginning of what there was before the end, without a gap.
        expect(numbers(watcher)).toEqual(admitted.slice(0, numbers(watcher).length));
      }
    }
  },
);

test('sockets: an event that arrives during revalidation waits for its result', async () => {
  const { near, far, store } = await twoNodes();
  const olga = await near.person('olga');
  const other = await near.session(olga.id);
  const key = await issue(near, other);
  const after = await logCursor(near, other);
  const watcher = subscribe(far.socket(olga.token), EVENTS, { after });
  await recordNumberedEvents(near, { keyId: key.id, ownerId: olga.id }, 1);
  await watcher.until(() => numbers(watcher).length === 1);

  const proof = store.hold('$queryRaw Session');
  await near.ask('mutation { signOut }', {}, olga.token);
  await proof.reached;
  for (const number of [2, 3, 4]) await recordNumberedEvents(near, { keyId: key.id, ownerId: olga.id }, number);
  await far.services.follower.catchUp();
  await tick(far);
  expect(numbers(watcher)).toEqual([1]);
  proof.release();
  expect(await watcher.ended).toEqual({ kind: 'CLOSED', code: 4403, reason: 'SESSION_ENDED' });
  expect(numbers(watcher)).toEqual([1]);
});

test('sockets: while the database is away during revalidation nothing is sent and nothing closes; afterwards there is no gap', async () => {
  const { near, far, store } = await twoNodes();
  const olga = await near.person('olga');
  const key = await issue(near, olga.token);
  const reader = await issue(near, olga.token, { scopes: [READ] });
  const after = await logCursor(near, olga.token);
  // The key has no expiry, so no timer of its own triggers the next revalidation.
  const watchers = [olga.token, reader.secret].map((credential) =>
    subscribe(far.socket(credential), EVENTS, { after }),
  );
  const about = { keyId: key.id, realmId: (await near.prisma.realm.findFirstOrThrow()).id, ownerId: olga.id };
  await recordNumberedEvents(near, about, 1);
  await Promise.all(watchers.map((watcher) => watcher.until(() => numbers(watcher).length === 1)));

  let failedCount = 0;
  const away = async () => {
    failedCount += 1;
    throw awayError();
  };
  const back = [store.intercept('$queryRaw Session', away), store.intercept('$queryRaw', away)];
  await near.session(olga.id);
  await mutate(near, olga.token, 'updateKey', { keyId: reader.id, name: 'renamed' });
  for (const number of [2, 3]) await recordNumberedEvents(near, about, number);
  await far.services.follower.catchUp();
  await expect.poll(() => failedCount).toBeGreaterThanOrEqual(2);
  for (let second = 1; second <= 3; second += 1) {
    const before = failedCount;
    far.clock.advance(1_000);
    await expect.poll(() => failedCount).toBeGreaterThan(before);
  }
  expect(watchers.map(numbers)).toEqual([[1], [1]]);
  for (const stop of back) stop();
  await expect
    .poll(() => {
      far.clock.advance(1_000);
      return watchers.map(numbers);
    })
    .toEqual([
      [1, 2, 3],
      [1, 2, 3],
    ]);
});

test('sockets: a credential that ends while the database is away closes its socket when the database is back, and nothing is sent meanwhile', async () => {
  const { near, far, store } = await twoNodes();
  const olga = await near.person('olga');
  const key = await issue(near, olga.token);
  const reader = await issue(near, olga.token, { scopes: [READ] });
  const watcher = subscribe(far.socket(reader.secret), EVENTS, { after: await logCursor(near, olga.token) });
  const about = { keyId: key.id, realmId: (await near.prisma.realm.findFirstOrThrow()).id, ownerId: olga.id };
  await recordNumberedEvents(near, about, 1);
  await watcher.until(() => numbers(watcher).length === 1);
  let failedCount = 0;
  const back = store.intercept('$queryRaw', async () => {
    failedCount += 1;
    throw awayError();
  });
  await mutate(near, olga.token, 'revokeKey', { keyId: reader.id, reason: 'leaked' });
  for (const number of [2, 3]) await recordNumberedEvents(near, about, number);
  await expect.poll(() => failedCount).toBeGreaterThan(0);
  back();
  let isEnded = false;
  void watcher.ended.then(() => (isEnded = true));
  await expect
    .poll(() => {
      far.clock.advance(1_000);
      return isEnded;
    })
    .toBe(true);
  expect(await watcher.ended).toEqual({ kind: 'CLOSED', code: 4401, reason: 'KEY_REVOKED' });
  expect(numbers(watcher)).toEqual([1]);
});

test('sockets: an internal error during revalidation closes with 4500, without details, and is logged', async () => {
  const { near, far, store } = await twoNodes();
  const olga = await near.person('olga');
  const raw = await openRawSocket(far, olga.token);
  store.intercept('$queryRaw Session', async () => {
    throw new Error('a fault of ours');
  });
  await near.session(olga.id);
  expect(await raw.closed).toEqual({ code: 4500, reason: 'Internal server error' });
  expect(far.logged.filter((line) => line.includes('a fault of ours'))).toHaveLength(1);
});

test('sockets: an account that loses a role gets no more events of the organization, and all others as before', async () => {
  const { near, far, store } = await twoNodes();
  const [olga, max] = [await near.person('olga'), await near.person('max')];
  const organization = await makeOrganization(near, olga.token, [{ id: max.id, role: 'MEMBER' }]);
  const theirs = await issue(near, olga.token, { owner: organization });
  const own = await issue(near, max.token);
  const after = await logCursor(near, max.token);
  const watchers = [near, far].map((node) => subscribe(node.socket(max.token), EVENTS, { after }));
  const ofTheirs = { keyId: theirs.id, ownerId: organization };
  const ofOwn = { keyId: own.id, ownerId: max.id };
  await recordNumberedEvents(near, ofTheirs, 1);
  await recordNumberedEvents(near, ofOwn, 2);
  await Promise.all(watchers.map((watcher) => watcher.until(() => numbers(watcher).length === 2)));

  // A proof that began before the loss ends after it: what it found must not count.
  const older = store.hold('$queryRaw Session', 'FIRST');
  await near.session(max.id);
  await older.reached;
  await setMember(near, olga.token, { organizationId: organization, accountId: max.id, role: null });
  await recordNumberedEvents(near, ofTheirs, 3);
  await recordNumberedEvents(near, ofOwn, 4);
  await far.services.follower.catchUp();
  await tick(far);
  older.release();
  await Promise.all(watchers.map((watcher) => watcher.until(() => numbers(watcher).includes(4))));
  await setMember(near, olga.token, { organizationId: organization, accountId: max.id, role: 'ADMIN' });
  await recordNumberedEvents(near, ofTheirs, 5);
  await Promise.all(watchers.map((watcher) => watcher.until(() => numbers(watcher).includes(5))));
  expect(watchers.map(numbers)).toEqual([
    [1, 2, 4, 5],
    [1, 2, 4, 5],
  ]);
});

test('sockets: the fields of an event are resolved with the present permissions, not those at subscription', async () => {
  const gateway = await openGateway();
  const [olga, max] = [await gateway.person('olga'), await gateway.person('max')];
  const organization = await makeOrganization(gateway, olga.token, [{ id: max.id, role: 'ADMIN' }]);
  const key = await issue(gateway, max.token, { name: 'mine' });
  const query = 'subscription($after: Cursor) { events(after: $after) { cursor data key { name } } }';
  const watcher = subscribe(gateway.socket(max.token), query, { after: await logCursor(gateway, max.token) });
  await recordNumberedEvents(gateway, { keyId: key.id, ownerId: max.id }, 1);
  await watcher.until(() => numbers(watcher).length === 1);
  await mutate(gateway, max.token, 'transferKey', { keyId: key.id, owner: organization });
  await setMember(gateway, olga.token, { organizationId: organization, accountId: max.id, role: null });
  await mutate(gateway, olga.token, 'updateKey', { keyId: key.id, name: 'a name of theirs' });
  // An event that he owns, but about a key that he can no longer see.
  await recordNumberedEvents(gateway, { keyId: key.id, ownerId: max.id }, 2);
  await watcher.until(() => numbers(watcher).length === 2);
  expect(
    watcher
      .items()
      .filter(({ data }) => 'number' in data)
      .map(({ key }) => key),
  ).toEqual([{ name: 'mine' }, null]);
});

test('sockets: a credential that ends during the handshake closes the socket', async () => {
  const { near, far, store } = await twoNodes();
  const olga = await near.person('olga');
  const key = await issue(near, olga.token);
  const authenticating = store.hold('$queryRaw');
  const raw = await rawSocket(far);
  raw.send({ type: 'connection_init', payload: { authorization: `Bearer ${key.secret}` } });
  await authenticating.reached;
  await mutate(near, olga.token, 'revokeKey', { keyId: key.id, reason: 'leaked' });
  await far.services.follower.catchUp();
  authenticating.release();
  expect(await raw.closed).toEqual({ code: 4401, reason: 'KEY_REVOKED' });
});

test('sockets: an operation on an open socket needs a credential that is good now, also before the node has read the log', async () => {
  const { near, far, store } = await twoNodes();
  const olga = await near.person('olga');
  const key = await issue(near, olga.token);
  const raw = await openRawSocket(far, key.secret);
  const unread = store.hold('Event.findMany');
  onTestFinished(() => unread.release());
  await mutate(near, olga.token, 'revokeKey', { keyId: key.id, reason: 'leaked' });
  // A node that has not read the log for longer asks the database.
  far.clock.advance(BEHIND_MS + 1);
  raw.send({ type: 'subscribe', id: '1', payload: { query: '{ viewer { __typename } }' } });
  expect(await raw.closed).toEqual({ code: 4401, reason: 'KEY_REVOKED' });
  expect(raw.messages.filter(({ type }) => type === 'next')).toEqual([]);
});

test('sockets: an event of a node whose clock is ahead is not sent to a credential that has expired at that moment', async () => {
  const near = await openGateway();
  const far = await openGateway({ database: near.database, clock: new ManualClock(near.clock.now()) });
  const olga = await near.person('olga');
  const key = await issue(near, olga.token);
  const watcher = subscribe(far.socket(olga.token), EVENTS, { after: await logCursor(near, olga.token) });
  near.clock.advance(12 * HOUR_MS - 1);
  far.clock.advance(12 * HOUR_MS - 3);
  await recordNumberedEvents(near, { keyId: key.id, ownerId: olga.id }, 1);
  await watcher.until(() => numbers(watcher).length === 1);
  near.clock.advance(1);
  await recordNumberedEvents(near, { keyId: key.id, ownerId: olga.id }, 2);
  await far.services.follower.catchUp();
  await tick(far);
  far.clock.advance(2);
  await tick(far);
  expect(numbers(watcher)).toEqual([1]);
  far.clock.advance(1);
  expect(await watcher.ended).toEqual({ kind: 'CLOSED', code: 4403, reason: 'SESSION_ENDED' });
  expect(numbers(watcher)).toEqual([1]);
});

test('sockets: an address that sent too many unknown keys is told to retry, but a valid key is accepted', async () => {
  const gateway = await openGateway();
  const key = await issue(gateway, await gateway.admin());
  gateway.services.rateLimits.countUnknownKey('127.0.0.1', 100);
  const raw = await rawSocket(gateway);
  const unknown = newSecret(gateway.services.random).reveal();
  raw.send({ type: 'connection_init', payload: { authorization: `Bearer ${unknown}` } });
  expect(await raw.closed).toEqual({ code: 1013, reason: 'RATE_LIMITED' });
  const open = await openRawSocket(gateway, key.secret);
  open.send({ type: 'subscribe', id: '1', payload: { query: '{ viewer { __typename } }' } });
  expect(await open.next()).toMatchObject({ type: 'next', payload: { data: { viewer: { __typename: 'Key' } } } });
});

test('sockets: while the database is away a new socket is told to retry, and an operation is UNAVAILABLE', async () => {
  const { near, far, store } = await twoNodes();
  const olga = await near.person('olga');
  const open = await openRawSocket(far, olga.token);
  const back = store.intercept('$queryRaw Session', async () => {
    throw awayError();
  });
  const raw = await rawSocket(far);
  raw.send({ type: 'connection_init', payload: { authorization: `Bearer ${olga.token}` } });
  expect(await raw.closed).toEqual({ code: 1013, reason: 'UNAVAILABLE' });
  const ask = { type: 'subscribe', id: '1', payload: { query: '{ viewer { __typename } }' } };
  open.send(ask);
  expect(await open.next()).toMatchObject({ type: 'error', payload: [{ extensions: { code: 'UNAVAILABLE' } }] });
  back();
  open.send(ask);
  expect(await open.next()).toMatchObject({ type: 'next', payload: { data: { viewer: { __typename: 'Account' } } } });
});

test('sockets: a client that disconnects leaves no subscription, timer or listener behind', async () => {
  const near = await openGateway();
  const { follower } = near.services;
  let watcherCount = 0;
  const watch = follower.watch.bind(follower);
  follower.watch = (watcher) => {
    watcherCount += 1;
    const stop = watch(watcher);
    return () => {
      watcherCount -= 1;
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
  const query = 'subscription { events(filter: { types: [REALM_CREATED] }) { id } }';
  const expiring = 'subscription { expiring(within: "P1D") { stopsAt } }';
  const raw = await openRawSocket(near, await near.admin());
  raw.send({ type: 'subscribe', id: '1', payload: { query } });
  raw.send({ type: 'subscribe', id: '2', payload: { query: expiring } });
  await expect.poll(() => waitingCount).toBe(2);
  expect(watcherCount).toBe(1);
  raw.send({ type: 'complete', id: '1' });
  raw.send({ type: 'complete', id: '2' });
  await expect.poll(() => waitingCount).toBe(0);
  raw.send({ type: 'subscribe', id: '1', payload: { query } });
  await expect.poll(() => waitingCount).toBe(1);
  raw.socket.terminate();
  await expect.poll(() => [waitingCount, watcherCount]).toEqual([0, 0]);
  // One that goes while it is being authenticated.
  const hasty = await rawSocket(near);
  hasty.send({ type: 'connection_init', payload: { authorization: `Bearer ${await near.admin()}` } });
  hasty.socket.terminate();
  await hasty.closed;
  await tick(near);
  await expect.poll(() => watcherCount).toBe(0);
});

test('sockets: a socket runs at most 100 operations at once', async () => {
  const gateway = await openGateway();
  const raw = await openRawSocket(gateway, await gateway.admin());
  const query = 'subscription { events(filter: { types: [REALM_CREATED] }) { id } }';
  for (let id = 1; id <= 101; id += 1) raw.send({ type: 'subscribe', id: String(id), payload: { query } });
  expect(await raw.next()).toMatchObject({
    type: 'error',
    id: '101',
    payload: [{ extensions: { code: 'RATE_LIMITED' } }],
  });
  raw.send({ type: 'complete', id: '1' });
  raw.send({ type: 'subscribe', id: '102', payload: { query: '{ __typename }' } });
  expect(await raw.next()).toMatchObject({ type: 'next', id: '102' });
});

test('sockets: backpressure stops reading the log for a client that does not read; when it reads again nothing is missing', async () => {
  const gateway = await openGateway();
  const { follower } = gateway.services;
  const admin = await gateway.admin();
  let furthest = 0n;
  const read = follower.read.bind(follower);
  follower.read = (after, ...rest) => {
    if (after > furthest) furthest = after;
    return read(after, ...rest);
  };
  const watcher = await openRawSocket(gateway, admin);
  const payload = { query: EVENTS, variables: { after: await logCursor(gateway, admin) } };
  const start = follower.head;
  watcher.send({ type: 'subscribe', id: '1', payload });
  (watcher.socket as any)._socket.pause();
  const count = 1_000;
  // 40 MB in all: far more than what networks keep on the way, and than what is read at once.
  const text = 'x'.repeat(40_000);
  await recordManyEvents(gateway, count, { text });
  await follower.catchUp();
  await tick(gateway);
  expect(furthest).toBeLessThan(start + 500n);
  (watcher.socket as any)._socket.resume();
  const sent = () => watcher.messages.filter(({ type }) => type === 'next');
  await expect.poll(() => sent().length, { timeout: 20_000 }).toBe(count);
  expect(sent().map(({ payload }) => payload.data.events.data.number)).toEqual(
    Array.from({ length: count }, (_, index) => index + 1),
  );
});
