import { beforeAll, expect, test } from 'vitest';
import { rateLimits } from '../../src/accounts/rate-limits.ts';
import type { Caller } from '../../src/domain/caller.ts';
import { MINUTE_MS } from '../../src/domain/duration.ts';
import { eventFields } from '../../src/domain/event-detail.ts';
import { newPortalToken } from '../../src/domain/portal.ts';
import { showEventData, showEventReason } from '../../src/graphql/event/show-event-data.ts';
import { showHoldReason } from '../../src/graphql/shown-actor.ts';
import type { Core } from '../../src/store/core.ts';
import { systemRandom } from '../../src/store/random.ts';
import { PortalOrigins } from '../../src/subjects/portal-origins.ts';
import { changeKey, ISSUE_KEY, RENEW_KEY, ROTATE_KEY } from '../support/operations.ts';
import {
  CREATE_PORTAL_SESSION,
  createPortalSession,
  END_PORTAL_SESSIONS,
  everyPortalAction,
  type CreatedPortalSession,
} from '../support/portal.ts';
import { openRawSocket, rawSocket, refusedUpgrade } from '../support/raw-socket.ts';
import { waitUntilBlocked } from '../support/wait-until-blocked.ts';
import { openTown, PUSH, type IssuedKey, type Town } from '../support/town.ts';

const PAGE = 'https://app.example';
const OTHER_PAGE = 'https://other.example';
const UPDATE_REALM =
  'mutation ($input: UpdateRealmInput!) { updateRealm(input: $input) { ... on UpdateRealmSuccess { realm { portalOrigins } } } }';
const DISABLE =
  'mutation ($input: DisableSubjectInput!) { disableSubject(input: $input) { __typename ... on UserError { code } } }';
const REMOVE =
  'mutation ($input: RemoveSubjectInput!) { removeSubject(input: $input) { __typename ... on UserError { code } } }';
const KEYS = '{ keys { edges { node { id } } } }';

// One gateway for all tests: each has customers of its own.
let town: Town;
let backend: IssuedKey;

beforeAll(async () => {
  town = await openTown();
  const settings = (realm: string, origin: string) => ({
    realm,
    portalOrigins: [origin],
    subjectCeilings: [{ scopes: [PUSH] }],
  });
  for (const input of [settings('default', PAGE), settings('other', OTHER_PAGE)]) {
    await town.gateway.ask(UPDATE_REALM, { input }, town.admin.token);
  }
  backend = await newBackend();
  return () => town.gateway.stop();
});

const newBackend = () =>
  town.issue(town.admin.token, { owner: town.acme, scopes: [{ action: 'keytide:manage', resource: '**' }] });

const send = async (query: string, input: object, credential: string, headers: Record<string, string> = {}) => {
  const { data, errors } = await town.gateway.ask(query, { input }, credential, headers);
  return errors === undefined ? Object.values(data)[0] : { errors: errors.map(({ extensions }) => extensions['code']) };
};

/** Sends an operation as a page does. */
const ask = (query: string, { token }: { token: string }, origin: string | null = PAGE, variables: object = {}) =>
  town.gateway.ask(query, variables, token, origin === null ? {} : { Origin: origin });

const codesOf = async (asked: ReturnType<typeof ask>) =>
  (await asked).errors?.map(({ extensions }) => extensions['outcome'] ?? extensions['code']) ?? [];

const act = (name: string, keyId: string, session: CreatedPortalSession, more: object = {}) =>
  send(changeKey(name as Parameters<typeof changeKey>[0]), { keyId, ...more }, session.token, { Origin: PAGE });

const keyOf = (externalId: string, more: object = {}) =>
  town.issue(backend.secret, { ownerOf: { subject: { externalId } }, ...more });

/** Makes a customer with one key and a session. */
async function customer(externalId: string, input: object = {}) {
  const key = await keyOf(externalId);
  return { externalId, key, session: await createPortalSession(town.gateway, backend.secret, externalId, input) };
}

const watched = { realm: 'default', reason: 'for a test' };

test('portal: a page sees the keys of its customer, issues within the ceiling, rotates and revokes', async () => {
  const { key, session } = await customer('cust-1');
  await keyOf('cust-2');
  const { data, headers } = await ask(
    '{ portalSession { sessionId may subject { externalId } } keys { edges { node { id issuedBy { kind id name } } } } }',
    session,
  );
  expect(headers.get('access-control-allow-origin')).toBe(PAGE);
  expect(data['portalSession']).toEqual({
    sessionId: session.sessionId,
    may: everyPortalAction,
    subject: { externalId: 'cust-1' },
  });
  // Not even the name of the backend's key is shown.
  expect(data['keys'].edges).toEqual([{ node: { id: key.id, issuedBy: { kind: 'KEY', id: null, name: null } } }]);

  const issue = (input: object) =>
    send(ISSUE_KEY, { realm: 'default', name: 'mine', scopes: [PUSH], ...input }, session.token, { Origin: PAGE });
  const issued = await issue({});
  expect(issued).toMatchObject({ __typename: 'IssueKeySuccess', secret: expect.stringMatching(/^kt_/) });
  const everywhere = { scopes: [{ action: PUSH.action, resource: '**' }] };
  expect(await issue(everywhere)).toMatchObject({ code: 'SCOPE_NOT_ALLOWED' });
  for (const action of ['keytide:read', 'keytide:issue', 'keytide:verify', 'keytide:manage', 'keytide:follow']) {
    expect(await issue({ scopes: [{ action, resource: '**' }] })).toMatchObject({ code: 'SCOPE_NOT_ALLOWED' });
  }
  for (const externalId of ['cust-2', 'cust-new']) {
    expect(await issue({ ownerOf: { subject: { externalId } } })).toMatchObject({ code: 'OWNER_NOT_FOUND' });
  }
  expect(await issue({ realm: 'other' })).toMatchObject({ code: 'REALM_NOT_FOUND' });
  expect(await issue({ labels: [{ name: 'policy/plan', value: 'pro' }] })).toEqual({ errors: ['FORBIDDEN'] });
  const about = await town.gateway.ask(
    'query ($id: ID!) { key(id: $id) { issuedBy { kind id } events { edges { node { type actor { kind id } } } } } }',
    { id: issued.key.id },
    backend.secret,
  );
  const portal = { kind: 'PORTAL', id: session.sessionId };
  expect(about.data['key']).toEqual({
    issuedBy: portal,
    events: { edges: [{ node: { type: 'KEY_ISSUED', actor: portal } }] },
  });

  expect(await act('renewKey', issued.key.id, session)).toMatchObject({ key: { id: issued.key.id } });
  expect(await act('rotateKey', issued.key.id, session, { gracePeriod: 'PT0S' })).toMatchObject({
    __typename: 'RotateKeySuccess',
  });
  expect(await act('revokeKey', issued.key.id, session, { reason: 'done' })).toMatchObject({
    key: { state: 'REVOKED' },
  });
});

test('portal: a page reads which scopes it may give and which expiry it may choose, and the name of no policy', async () => {
  const { session } = await customer('cust-rules');
  const RULES =
    '{ portalSession { issuableScopes { action resource } } issueBounds(realm: "default") { earliestReason latestReason stopReason } other: issueBounds(realm: "other") { latest } }';
  const { data } = await ask(RULES, session);
  expect(data['portalSession'].issuableScopes).toEqual([PUSH]);
  expect(data['issueBounds'].stopReason).toContain('This is decided by a policy of the realm.');
  expect(JSON.stringify(data['issueBounds'])).not.toMatch(/binding_|policy dormancy|policy expiry/);
  expect(data['other']).toBeNull();
  const listing = await createPortalSession(town.gateway, backend.secret, 'cust-rules', { may: ['LIST'] });
  const refused = await ask(RULES, listing);
  expect(refused.data).toEqual({ portalSession: { issuableScopes: [] }, issueBounds: null, other: null });
});

test('portal: of other customers, people, policies and settings nothing is shown or changed', async () => {
  const { session } = await customer('cust-alone');
  const { key } = await customer('cust-neighbour');
  const olgas = await town.issue(town.olga.token);
  for (const id of [key.id, olgas.id]) {
    for (const name of ['renewKey', 'rotateKey', 'confirmRotation', 'undoRotation']) {
      expect(await act(name, id, session)).toMatchObject({ code: 'KEY_NOT_FOUND' });
    }
    expect(await act('revokeKey', id, session, { reason: 'x' })).toMatchObject({ code: 'KEY_NOT_FOUND' });
  }
  const refused = [
    '{ policies { name } }',
    '{ viewer { __typename } }',
    '{ accounts { edges { node { id } } } }',
    '{ subjects(realm: "default") { edges { node { id } } } }',
    '{ realms { edges { node { id } } } }',
    '{ realm(slug: "default") { bindings { id } } }',
    '{ realm(slug: "default") { subjectCeilings { scopes { action } } } }',
    '{ realm(slug: "default") { portalOrigins } }',
    '{ portalSession { subject { labels { name } } } }',
    '{ portalSession { subject { email } } }',
    'mutation { createPortalSession(input: { realm: "default", externalId: "cust-alone", may: [LIST] }) { __typename } }',
    'mutation { disableSubject(input: { realm: "default", externalId: "cust-alone", reason: "x" }) { __typename } }',
    'mutation { holdKey(input: { keyId: "x", reason: "x" }) { __typename } }',
    'mutation { issueKeys(input: { realm: "default", keys: [] }) { __typename } }',
  ];
  for (const query of refused) expect([query, await codesOf(ask(query, session))]).toEqual([query, ['FORBIDDEN']]);
  const { data } = await ask(
    '{ realm(slug: "default") { slug actions { name } } other: realm(slug: "other") { slug } }',
    session,
  );
  expect(data).toMatchObject({ realm: { slug: 'default' }, other: null });
});

test('portal: a session may do only what it was made for, and no hold of a manager or administrator is lifted', async () => {
  const { key, session: listing } = await customer('cust-list', { may: ['LIST'] });
  const issuing = await createPortalSession(town.gateway, backend.secret, 'cust-list', { may: ['ISSUE'] });
  const rotating = await createPortalSession(town.gateway, backend.secret, 'cust-list', { may: ['ROTATE'] });
  expect((await ask(KEYS, listing)).data['keys'].edges).toHaveLength(1);
  expect((await ask(KEYS, issuing)).data['keys'].edges).toEqual([]);
  expect((await ask(KEYS, rotating)).data['keys'].edges).toHaveLength(1);
  expect(await act('rotateKey', key.id, listing)).toEqual({ errors: ['FORBIDDEN'] });
  expect(await act('renewKey', key.id, rotating)).toEqual({ errors: ['FORBIDDEN'] });
  const input = { realm: 'default', name: 'x', scopes: [PUSH] };
  expect(await send(ISSUE_KEY, input, listing.token)).toMatchObject({ code: 'OWNER_NOT_FOUND' });
  const HISTORY =
    'query ($id: ID!) { key(id: $id) { holds { source } events { edges { node { type actor { kind id name } } } } } }';
  const { data } = await ask(HISTORY, listing, PAGE, { id: key.id });
  expect(data['key'].events.edges).toEqual([]);

  await send(changeKey('holdKey'), { keyId: key.id, reason: 'unpaid' }, backend.secret);
  await send(changeKey('holdKey'), { keyId: key.id, reason: 'unpaid' }, town.admin.token);
  const reading = await createPortalSession(town.gateway, backend.secret, 'cust-list');
  expect(await act('resumeKey', key.id, reading)).toEqual({ errors: ['FORBIDDEN'] });
  expect(await act('rotateKey', key.id, reading, { gracePeriod: 'PT0S' })).toMatchObject({ code: 'KEY_NOT_ACTIVE' });
  const held = (await ask(HISTORY, reading, PAGE, { id: key.id })).data['key'];
  expect(held.holds.map(({ source }: any) => source).toSorted()).toEqual(['an administrator', 'the API']);
  expect(held.events.edges.map(({ node }: any) => node.actor)).toEqual([
    { kind: 'KEY', id: null, name: null },
    { kind: 'KEY', id: null, name: null },
    { kind: 'ACCOUNT', id: null, name: null },
  ]);
});

test('portal: a token is refused on pages of other origins; a POST without Origin is let in, a GET and a socket are not', async () => {
  const { session } = await customer('cust-origin');
  expect(await codesOf(ask(KEYS, session, null))).toEqual([]);
  for (const origin of [
    OTHER_PAGE,
    'null',
    town.gateway.url,
    'https://app.example.evil',
    'https://app.example:444',
    '',
  ]) {
    expect([origin, await codesOf(ask(KEYS, session, origin))]).toEqual([origin, ['ORIGIN_NOT_ALLOWED']]);
  }
  const get = (headers: Record<string, string>) =>
    fetch(`${town.gateway.url}/graphql?query=${encodeURIComponent(KEYS)}`, {
      headers: { Authorization: `Bearer ${session.token}`, ...headers },
    });
  expect((await get({})).status).toBe(401);
  expect((await get({ Origin: PAGE })).status).toBe(200);

  const preflight = (origin: string) =>
    fetch(`${town.gateway.url}/graphql`, {
      method: 'OPTIONS',
      headers: { Origin: origin, 'Access-Control-Request-Headers': 'authorization,content-type' },
    });
  for (const origin of [PAGE, OTHER_PAGE]) {
    const { headers } = await preflight(origin);
    expect(headers.get('access-control-allow-origin')).toBe(origin);
    expect(headers.get('access-control-allow-headers')).toBe('authorization,content-type');
    expect(headers.get('access-control-allow-credentials')).toBeNull();
  }
  expect((await preflight('https://evil.example')).headers.get('access-control-allow-origin')).toBeNull();
  // Such a page may not read what another credential gets.
  const asked = await town.gateway.ask(KEYS, {}, town.olga.token, { Origin: PAGE });
  expect(asked.headers.get('access-control-allow-origin')).toBeNull();

  expect(await refusedUpgrade(town.gateway, { headers: { Origin: 'https://evil.example' } })).toBe(403);
  for (const [origin, credential] of [
    [null, session.token],
    [OTHER_PAGE, session.token],
    [town.gateway.url, session.token],
    [PAGE, town.olga.token],
  ] as const) {
    const raw = await rawSocket(town.gateway, { headers: origin === null ? {} : { Origin: origin } });
    raw.send({ type: 'connection_init', payload: { authorization: `Bearer ${credential}` } });
    expect([origin, await raw.closed]).toEqual([origin, { code: 4403, reason: 'ORIGIN_NOT_ALLOWED' }]);
  }
});

const EVENTS = 'subscription { events { type keyId } }';

/** Opens a socket as a page does, and subscribes to events. */
async function follow({ token }: CreatedPortalSession, query = EVENTS) {
  const raw = await openRawSocket(town.gateway, token, { headers: { Origin: PAGE } });
  raw.send({ id: '1', type: 'subscribe', payload: { query } });
  raw.send({ id: '2', type: 'subscribe', payload: { query: '{ __typename }' } });
  // The first operation was started when the second one is answered.
  expect((await raw.next()).id).toBe('2');
  await raw.next();
  return raw;
}

test('portal: a subscription tells of the keys of its customer alone', async () => {
  const { key, session } = await customer('cust-events');
  const raw = await follow(session);
  const { key: other } = await customer('cust-events-2');
  await send(changeKey('holdKey'), { keyId: other.id, reason: 'x' }, backend.secret);
  await send(
    'mutation ($input: UpsertSubjectInput!) { upsertSubject(input: $input) { __typename } }',
    { realm: 'default', externalId: 'cust-events', name: 'N' },
    backend.secret,
  );
  await send(UPDATE_REALM, { realm: 'default', name: 'Default' }, town.admin.token);
  await send(changeKey('holdKey'), { keyId: key.id, reason: 'x' }, backend.secret);
  const { payload } = await raw.next();
  expect(payload.data).toEqual({ events: { type: 'KEY_HELD', keyId: key.id } });
});

const ends: [string, (externalId: string, maker: IssuedKey) => Promise<unknown>][] = [
  ['it was ended', (externalId) => send(END_PORTAL_SESSIONS, { ...watched, externalId }, town.admin.token)],
  ['its subject was disabled', (externalId) => send(DISABLE, { ...watched, externalId }, backend.secret)],
  ['its subject was removed', (externalId) => send(REMOVE, { ...watched, externalId }, backend.secret)],
  [
    'the key that made it was revoked',
    (_, { id }) => send(changeKey('revokeKey'), { keyId: id, reason: 'x' }, town.admin.token),
  ],
  [
    'the key that made it was held, and resumed',
    async (_, { id }) => {
      await send(changeKey('holdKey'), { keyId: id, reason: 'x' }, town.admin.token);
      await send(changeKey('resumeKey'), { keyId: id }, town.admin.token);
    },
  ],
];

test.each(ends)(
  'portal: a session is over when %s: requests are refused, sockets close with 4401',
  async (name, end) => {
    const maker = await newBackend();
    await keyOf(name);
    const session = await createPortalSession(town.gateway, maker.secret, name);
    const raw = await follow(session);
    expect(await codesOf(ask(KEYS, session))).toEqual([]);
    await end(name, maker);
    expect(await raw.closed).toEqual({ code: 4401, reason: 'PORTAL_SESSION_ENDED' });
    const { status, errors, headers } = await ask(KEYS, session);
    expect([status, errors?.[0]?.extensions]).toEqual([
      401,
      expect.objectContaining({ code: 'UNAUTHENTICATED', outcome: 'PORTAL_SESSION_ENDED' }),
    ]);
    expect(headers.get('access-control-allow-origin')).toBe(PAGE);
    const again = await rawSocket(town.gateway, { headers: { Origin: PAGE } });
    again.send({ type: 'connection_init', payload: { authorization: `Bearer ${session.token}` } });
    expect(await again.closed).toEqual({ code: 4401, reason: 'PORTAL_SESSION_ENDED' });
  },
);

test('portal: a page whose origin is taken from the realm loses its socket', async () => {
  const { session } = await customer('cust-moved');
  const raw = await follow(session);
  await send(UPDATE_REALM, { realm: 'default', portalOrigins: ['https://new.example'] }, town.admin.token);
  expect(await raw.closed).toEqual({ code: 4403, reason: 'ORIGIN_NOT_ALLOWED' });
  expect(await codesOf(ask(KEYS, session))).toEqual(['ORIGIN_NOT_ALLOWED']);
  await send(UPDATE_REALM, { realm: 'default', portalOrigins: [PAGE] }, town.admin.token);
  expect(await codesOf(ask(KEYS, session))).toEqual([]);
});

const exchange = (body: unknown, origin: string | null = PAGE) =>
  fetch(`${town.gateway.url}/portal-session`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', ...(origin !== null && { Origin: origin }) },
    body: JSON.stringify(body),
  });

test('portal: the code in the URL is exchanged once, within 60 seconds, by a page of the realm', async () => {
  const { session } = await customer('cust-code', { page: `${PAGE}/keys?tab=1` });
  const url = new URL(session.url!);
  expect(`${url.origin}${url.pathname}${url.search}`).toBe(`${PAGE}/keys?tab=1`);
  expect(session.url).not.toContain(session.token);
  const code = new URLSearchParams(url.hash.slice(1)).get('code');
  expect((await exchange({ code }, OTHER_PAGE)).status).toBe(401);
  expect((await exchange({ code: session.token })).status).toBe(401);
  for (const body of [{}, { code: 1 }, { code, more: 1 }, [], null]) expect((await exchange(body)).status).toBe(400);
  const exchanged = await exchange({ code });
  expect(exchanged.headers.get('access-control-allow-origin')).toBe(PAGE);
  expect(await exchanged.json()).toEqual({ token: session.token, expiresAt: session.expiresAt });
  expect((await exchange({ code })).status).toBe(401);
  expect(await codesOf(ask(KEYS, session))).toEqual([]);

  const late = (await createPortalSession(town.gateway, backend.secret, 'cust-code')).url!.split('=')[1];
  town.gateway.clock.advance(MINUTE_MS);
  expect((await exchange({ code: late })).status).toBe(401);
  const ended = (await createPortalSession(town.gateway, backend.secret, 'cust-code')).url!.split('=')[1];
  await send(END_PORTAL_SESSIONS, { ...watched, externalId: 'cust-code' }, backend.secret);
  expect((await exchange({ code: ended })).status).toBe(401);
});

test('portal: the token is repeated under its idempotency key until it is used, and is in no row, event or log line', async () => {
  await keyOf('cust-repeat');
  const input = { realm: 'default', externalId: 'cust-repeat', may: ['LIST'], idempotencyKey: 'portal once' };
  const first = await send(CREATE_PORTAL_SESSION, input, backend.secret);
  expect(await send(CREATE_PORTAL_SESSION, input, backend.secret)).toEqual(first);
  const others = { ...input, may: ['LIST', 'ISSUE'] };
  expect(await send(CREATE_PORTAL_SESSION, others, backend.secret)).toMatchObject({ code: 'IDEMPOTENCY_CONFLICT' });
  expect(await codesOf(ask(KEYS, first))).toEqual([]);
  expect(await send(CREATE_PORTAL_SESSION, input, backend.secret)).toEqual({ ...first, token: null, url: null });

  await fetch(`${town.gateway.url}/graphql?access_token=${first.token}&query=%7B__typename%7D`);
  const asked = await fetch(`${town.gateway.url}/graphql?token=${first.token}&query=${encodeURIComponent(KEYS)}`);
  expect(asked.status).toBe(401);
  const { prisma, logged } = town.gateway;
  const rows = [prisma.portalSession, prisma.event, prisma.idempotencyRecord].map((table: any) => table.findMany());
  const stored = JSON.stringify(await Promise.all(rows), (_, value: unknown) =>
    typeof value === 'bigint' ? String(value) : value instanceof Uint8Array ? Buffer.from(value).toString() : value,
  );
  for (const secret of [first.token, first.url.split('=')[1]]) {
    expect(stored).not.toContain(secret);
    expect(logged.join('')).not.toContain(secret);
  }
});

test('portal: sessions end by time; a wrong, foreign or misplaced token is refused', async () => {
  const { session } = await customer('cust-time', { lifetime: 'PT10M' });
  const raw = await follow(session);
  town.gateway.clock.advance(10 * MINUTE_MS);
  expect(await raw.closed).toEqual({ code: 4403, reason: 'SESSION_ENDED' });
  expect(await codesOf(ask(KEYS, session))).toEqual(['SESSION_ENDED']);
  const { session: good } = await customer('cust-time');
  const wrong = `${good.token.slice(0, -1)}${good.token.endsWith('0') ? '1' : '0'}`;
  for (const token of [wrong, `ktp_${'a'.repeat(49)}`, 'ktp_', `${good.token}x`]) {
    expect(await codesOf(ask(KEYS, { token }))).toEqual(['UNKNOWN']);
  }
  const elsewhere = await fetch(`${town.gateway.url}/verify`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${good.token}` },
    body: JSON.stringify({ secret: backend.secret }),
  });
  expect(elsewhere.status).toBe(401);
});

test('portal: only administrators and keys with keytide:manage create sessions, for subjects of their realm', async () => {
  await keyOf('cust-made');
  const input = { realm: 'default', externalId: 'cust-made', may: ['LIST'] };
  const create = (credential: string, more: object = {}) =>
    send(CREATE_PORTAL_SESSION, { ...input, ...more }, credential);
  const plain = await keyOf('cust-made', { name: 'plain' });
  expect(await create(plain.secret)).toEqual({ errors: ['FORBIDDEN'] });
  expect(await create(town.olga.token)).toEqual({ errors: ['FORBIDDEN'] });
  expect(await create(town.admin.token)).toMatchObject({ token: expect.stringMatching(/^ktp_[0-9A-Za-z]{49}$/) });
  expect(await create(backend.secret, { realm: 'other' })).toMatchObject({ code: 'REALM_NOT_FOUND' });
  expect(await create(backend.secret, { externalId: 'nobody' })).toMatchObject({ code: 'SUBJECT_NOT_FOUND' });
  for (const wrong of [
    { lifetime: 'PT1H1S' },
    { lifetime: 'PT0S' },
    { may: [] },
    { page: OTHER_PAGE },
    { page: `${PAGE}/#x` },
    { page: 'x' },
  ]) {
    expect(await create(backend.secret, wrong)).toEqual({ errors: ['BAD_USER_INPUT'] });
  }
  await send(DISABLE, { ...watched, externalId: 'cust-made' }, backend.secret);
  expect(await create(backend.secret)).toMatchObject({ code: 'SUBJECT_NOT_ACTIVE' });
  for (const origin of [
    'app.example',
    'https://app.example/',
    'http://app.example',
    '*',
    'null',
    'HTTPS://APP.EXAMPLE',
  ]) {
    expect(await send(UPDATE_REALM, { realm: 'default', portalOrigins: [origin] }, town.admin.token)).toEqual({
      errors: ['BAD_USER_INPUT'],
    });
  }
});

test('portal: the sessions of a customer have a rate of their own', async () => {
  const { session } = await customer('cust-rate');
  const { session: other } = await customer('cust-rate-2');
  const answers = await Promise.all(Array.from({ length: 301 }, () => codesOf(ask('{ __typename }', session))));
  expect(answers.flat()).toEqual(['RATE_LIMITED']);
  expect(await codesOf(ask(KEYS, other))).toEqual([]);
  town.gateway.clock.advance(MINUTE_MS);
  expect(await codesOf(ask(KEYS, session))).toEqual([]);
});

test('subjects: what an administrator disabled, no backend makes good by removing it', async () => {
  await keyOf('cust-banned');
  const about = { ...watched, externalId: 'cust-banned' };
  await send(DISABLE, about, town.admin.token);
  expect(await send(REMOVE, about, backend.secret)).toMatchObject({ code: 'SUBJECT_NOT_ACTIVE' });
  expect(await send(REMOVE, about, town.admin.token)).toMatchObject({ __typename: 'RemoveSubjectSuccess' });
});

test('subjects: a backend sees no policies of its realm, and other keys do', async () => {
  const { key } = await customer('cust-policies');
  const query = `query ($id: ID!, $binding: ID!) { policies { name } realm(slug: "default") { bindings { id } brakes { id } }
    node(id: $binding) { id } key(id: $id) { explanation { summary verdicts { binding { id } } } } }`;
  const { id: binding } = await town.gateway.prisma.binding.findFirstOrThrow({ where: { realmId: town.realm } });
  const { data, errors } = await town.gateway.ask(query, { id: key.id, binding }, backend.secret);
  expect(errors).toBeUndefined();
  expect(data).toMatchObject({ policies: [], realm: { bindings: [], brakes: [] }, node: null });
  expect(data['key'].explanation).toMatchObject({ summary: expect.any(String), verdicts: [] });
  const own = await town.gateway.ask(query, { id: key.id, binding }, key.secret);
  expect(own.data['realm'].bindings.length).toBeGreaterThan(0);
  expect(own.data['key'].explanation.verdicts.length).toBeGreaterThan(0);
  expect(own.data['node']).toEqual({ id: binding });
  const event = await town.gateway.prisma.event.findFirstOrThrow({ where: { type: 'POLICY_BOUND' } });
  const read = (secret: string) =>
    town.gateway.ask('query ($id: ID!) { node(id: $id) { id } }', { id: event.id }, secret);
  expect((await read(backend.secret)).data['node']).toBeNull();
  expect((await read(key.secret)).data['node']).toEqual({ id: event.id });
});

test('portal: an explanation, a hold and an event name no person, other owner, token rule or operation', async () => {
  const { key, session } = await customer('cust-shown');
  const { name } = await town.gateway.prisma.account.findUniqueOrThrow({ where: { id: town.admin.id } });
  const raw = await follow(session, 'subscription { events { type reason data detail { __typename } } }');
  await send(changeKey('holdKey'), { keyId: key.id, reason: 'unpaid' }, town.admin.token);
  expect((await raw.next()).payload.data.events).toEqual({
    type: 'KEY_HELD',
    reason: 'unpaid',
    data: { source: 'ADMINISTRATOR' },
    detail: { __typename: 'KeyHeldDetail' },
  });
  const summaryFor = async (token: string) => {
    const query = 'query ($id: ID!) { key(id: $id) { explanation { summary } } }';
    const { data } = await town.gateway.ask(
      query,
      { id: key.id },
      token,
      token === session.token ? { Origin: PAGE } : {},
    );
    return data['key'].explanation.summary as string;
  };
  expect(await summaryFor(town.admin.token)).toContain(` by ${name}: unpaid. `);
  for (const token of [session.token, backend.secret]) {
    expect(await summaryFor(token)).toContain(' by an administrator: unpaid. ');
  }
  await send(changeKey('transferKey'), { keyId: key.id, owner: town.acme, reason: 'moved' }, town.admin.token);
  expect((await raw.next()).payload.data.events).toEqual({
    type: 'KEY_TRANSFERRED',
    reason: 'moved',
    data: {},
    detail: null,
  });
});

test('portal: of the data of events only listed fields are shown', () => {
  const page: Caller = {
    kind: 'PORTAL',
    id: 'portal_1',
    realmId: 'r',
    subjectId: 's',
    createdById: 'k',
    may: ['EVENTS'],
  };
  const hidden: Record<string, string[]> = {};
  for (const [type, fields] of Object.entries(eventFields)) {
    const data = Object.fromEntries(Object.keys(fields).map((field) => [field, 'x']));
    const shown = showEventData(page, { type, data });
    expect(showEventData({ kind: 'ANONYMOUS' }, { type, data })).toEqual(data);
    if (!type.startsWith('KEY_')) expect([type, shown]).toEqual([type, {}]);
    else hidden[type] = Object.keys(data).filter((field) => !Object.hasOwn(shown, field));
  }
  expect(Object.fromEntries(Object.entries(hidden).filter(([, fields]) => fields.length > 0))).toEqual({
    KEY_ISSUED: ['importedFrom', 'externalKeyId', 'ruleId', 'issuerId', 'issuer', 'omittedLabels'],
    KEY_UPDATED: ['operationId'],
    KEY_TRANSFERRED: ['from', 'to', 'operationId'],
    KEY_RENEWED: ['operationId'],
    KEY_HELD: ['operationId', 'reportedBy', 'url'],
    KEY_RESUMED: ['operationId'],
    KEY_REVOKED: ['operationId', 'children', 'reportedBy', 'url'],
    KEY_ROTATION_ASKED: ['operationId'],
    KEY_ROTATION_WITHDRAWN: ['operationId'],
    KEY_ROTATION_COMPLETED: ['reportedBy', 'url'],
    KEY_BROWNOUT_ENDED: ['rolloutId'],
  });
  expect(showEventData(page, { type: 'KEY_LATER', data: { from: 'x' } })).toEqual({});
  const leak = { reason: 'Its secret was reported as leaked by Scanner.', data: { source: 'LEAK' } };
  expect(showEventReason(page, leak)).toBe('Its secret was reported as leaked.');
  expect(showHoldReason(page, { source: 'LEAK', reason: leak.reason })).toBe('Its secret was reported as leaked.');
});

test('portal: a page gets no new secret of a key with a reserved scope, by no action', async () => {
  const { externalId } = await customer('cust-reserved');
  const { id: owner } = await town.gateway.prisma.subject.findFirstOrThrow({ where: { externalId } });
  const reserved = [{ action: 'keytide:read', resource: '**' }];
  const { id } = await town.issue(town.admin.token, { owner, scopes: reserved });
  for (const action of ['ROTATE', 'RENEW']) {
    const page = await createPortalSession(town.gateway, backend.secret, externalId, { may: [action] });
    const query = action === 'RENEW' ? RENEW_KEY : ROTATE_KEY;
    const input = { keyId: id, ...(action === 'RENEW' && { accept: ['ROTATE'] }) };
    expect([action, await send(query, input, page.token, { Origin: PAGE })]).toEqual([
      action,
      { errors: ['FORBIDDEN'] },
    ]);
  }
});

/** For a transaction that waits for others, on a busy machine. */
const PATIENT = { timeout: 30_000 };

test('portal: a session that ends while its changes wait makes none of them, also no repeated one', async () => {
  const { prisma, clock } = town.gateway;
  const { key, session } = await customer('cust-late');
  const issue = (more: object = {}) =>
    send(ISSUE_KEY, { realm: 'default', name: 'late', scopes: [PUSH], ...more }, session.token, { Origin: PAGE });
  expect(await issue({ idempotencyKey: 'late' })).toMatchObject({ __typename: 'IssueKeySuccess' });
  const { waiting } = await prisma.$transaction(async (tx) => {
    await tx.portalSession.update({ where: { id: session.sessionId }, data: { endedAt: clock.now() } });
    const waiting = Promise.all([
      issue(),
      issue({ idempotencyKey: 'late' }),
      send(RENEW_KEY, { keyId: key.id }, session.token, { Origin: PAGE }),
      act('rotateKey', key.id, session),
    ]);
    await Promise.race([waiting, waitUntilBlocked(prisma, 4)]);
    return { waiting };
  }, PATIENT);
  expect(await waiting).toEqual(Array.from({ length: 4 }, () => ({ errors: ['UNAUTHENTICATED'] })));

  // The realm's lock makes an issue wait, while the key that made the session is held.
  const maker = await newBackend();
  const other = await createPortalSession(town.gateway, maker.secret, 'cust-late');
  const { late } = await prisma.$transaction(async (tx) => {
    await tx.$queryRaw`SELECT 1 FROM "Realm" WHERE id = ${town.realm} FOR NO KEY UPDATE`;
    const input = { realm: 'default', name: 'late', scopes: [PUSH] };
    const late = send(ISSUE_KEY, input, other.token, { Origin: PAGE });
    await Promise.race([late, waitUntilBlocked(prisma)]);
    await send(changeKey('holdKey'), { keyId: maker.id, reason: 'x' }, town.admin.token);
    return { late };
  }, PATIENT);
  expect(await late).toEqual({ errors: ['UNAUTHENTICATED'] });
});

test('portal: an address is rate limited after many unknown tokens and codes, but its sessions are not', async () => {
  town.gateway.clock.advance(5 * MINUTE_MS);
  const { session } = await customer('cust-unknown');
  const unknown = { token: newPortalToken(systemRandom).reveal() };
  for (let sent = 0; sent < rateLimits.unknownPortalByAddress.limit; sent += 1)
    expect(await codesOf(ask(KEYS, unknown))).toEqual(['UNKNOWN']);
  for (const token of [unknown.token, `${session.token}0`])
    expect(await codesOf(ask(KEYS, { token }))).toEqual(['RATE_LIMITED']);
  // Behind one address are many: what one of them tries stops no page of another.
  expect(await codesOf(ask(KEYS, session))).toEqual([]);

  const statusOf = async (code: unknown) => (await exchange({ code })).status;
  for (let sent = 0; sent < rateLimits.portalCodeByAddress.limit; sent += 1)
    expect(await statusOf('unknown')).toBe(401);
  expect(await statusOf('unknown')).toBe(429);
  expect(await statusOf(new URL(session.url!).hash.slice('#code='.length))).toBe(200);
  town.gateway.clock.advance(5 * MINUTE_MS);
  expect(await codesOf(ask(KEYS, unknown))).toEqual(['UNKNOWN']);
  expect(await statusOf('unknown')).toBe(401);
});

test('portal: origins that were read before a realm changed do not count', async () => {
  const pages: ((rows: { origin: string }[]) => void)[] = [];
  const prisma = { $queryRaw: () => new Promise((resolve) => pages.push(resolve)) };
  const origins = new PortalOrigins({ prisma, clock: town.gateway.clock } as unknown as Core);
  const asked = origins.has(PAGE);
  origins.forget();
  const askedAnew = origins.has(PAGE);
  pages[1]!([]);
  expect(await askedAnew).toBe(false);
  pages[0]!([{ origin: PAGE }]);
  expect(await asked).toBe(false);
  expect(origins.hasKnown(PAGE)).toBe(false);
});

test('portal: keys are found by their session with an index of those alone', async () => {
  const rows = await town.gateway.prisma.$queryRaw<unknown[]>`
    SELECT indexdef FROM pg_indexes WHERE indexname = 'Key_portalSessionId_idx'`;
  expect(rows).toEqual([
    { indexdef: expect.stringContaining('("portalSessionId") WHERE ("portalSessionId" IS NOT NULL)') },
  ]);
});

test('portal: a refusal by a policy names the policy only to callers that see policies', async () => {
  const bind = 'mutation ($input: BindPolicyInput!) { bindPolicy(input: $input) { __typename } }';
  const config = { longest: 'P60D', shortest: 'P10D' };
  await send(bind, { realm: 'other', policy: 'bounded-lifetime', config }, town.admin.token);
  const scopes = [{ action: 'keytide:manage', resource: '**' }];
  const lifetime = 'P30D';
  const maker = await town.issue(town.admin.token, { realm: 'other', owner: town.acme, scopes, lifetime });
  const ownerOf = { subject: { externalId: 'cust-bound' } };
  const key = await town.issue(maker.secret, { realm: 'other', ownerOf, lifetime });
  const session = await createPortalSession(town.gateway, maker.secret, 'cust-bound', { realm: 'other' });
  const page = { Origin: OTHER_PAGE };
  const input = { realm: 'other', name: 'long', scopes: [PUSH], lifetime: 'P61D' };
  const longer = { keyId: key.id, lifetime: 'P61D' };
  for (const refused of [
    send(ISSUE_KEY, input, session.token, page),
    send(RENEW_KEY, longer, session.token, page),
    send(ISSUE_KEY, { ...input, ownerOf }, maker.secret),
    send(RENEW_KEY, longer, maker.secret),
  ]) {
    const { code, message } = await refused;
    expect([code, message]).toEqual([
      'EXPIRY_OUT_OF_BOUNDS',
      expect.stringMatching(/ The latest is set by a policy of the realm\./),
    ]);
  }
  const { message } = await send(RENEW_KEY, longer, town.admin.token);
  expect(message).toContain('policy bounded-lifetime (');
});
