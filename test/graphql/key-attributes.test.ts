import type { IncomingMessage, ServerResponse } from 'node:http';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { DAY_MS } from '../../src/domain/duration.ts';
import { TrustedProxies } from '../../src/http/client-address.ts';
import { nodeGuard } from '../../src/verifier/middleware.ts';
import { openVerifier } from '../../src/verifier/verifier.ts';
import { openTown, PUSH, type Town } from '../support/town.ts';

const READ = 'query ($id: ID!) { key(id: $id) { description metadata } }';
const UPDATE = /* GraphQL */ `
  mutation ($input: UpdateKeyInput!) {
    updateKey(input: $input) {
      __typename
      ... on UpdateKeySuccess {
        key {
          description
          metadata
        }
      }
      ... on UserError {
        code
        message
      }
    }
  }
`;

/** One gateway for all tests of this file: they change only keys of their own. */
let town: Town;

beforeAll(async () => {
  town = await openTown({ proxies: new TrustedProxies([{ address: '127.0.0.1', prefix: 32, family: 'ipv4' }]) });
});
afterAll(() => town.gateway.stop());

async function update(input: object, token = town.ann.token) {
  const { data, errors } = await town.gateway.ask(UPDATE, { input }, token);
  return data?.['updateKey'] ?? errors?.[0];
}

async function eventsOf(keyId: string) {
  return town.gateway.prisma.event.findMany({ where: { keyId }, orderBy: { position: 'asc' } });
}

test('notes: description and metadata are set at issue, changed, removed by null, and left alone when left out', async () => {
  const notes = { description: 'Releases.\nAsk Ann.', metadata: { team: 'core', limit: { perDay: 20, none: null } } };
  const { id, secret } = await town.issue(town.ann.token, { owner: town.acme, ...notes });
  const read = async (credential: string) => (await town.gateway.ask(READ, { id }, credential)).data?.['key'];
  for (const credential of [town.mia.token, secret]) expect(await read(credential)).toEqual(notes);
  expect(await read(town.eve.token)).toBeNull();

  expect(await update({ keyId: id, name: 'renamed' })).toMatchObject({ key: notes });
  const metadata = { ticket: 'OPS-7' };
  expect(await update({ keyId: id, metadata })).toMatchObject({ key: { ...notes, metadata } });
  expect(await update({ keyId: id, description: null })).toMatchObject({ key: { description: null, metadata } });
  expect(await update({ keyId: id, metadata: null })).toMatchObject({ key: { description: null, metadata: null } });
  const events = (await eventsOf(id)).filter(({ type }) => type === 'KEY_UPDATED');
  expect(events.map(({ data }) => data)).toMatchObject([
    { changed: ['name'] },
    { changed: ['metadata'], before: {}, after: {} },
    { changed: ['description'] },
    { changed: ['metadata'] },
  ]);
  expect(await town.gateway.prisma.key.findUnique({ where: { id } })).toMatchObject({
    description: null,
    metadata: null,
  });
});

test('notes: what they say is in no event and no log', async () => {
  const words = { description: 'a note for people', metadata: { word: 'a note for programs' } };
  const { id } = await town.issue(town.ann.token, { owner: town.acme, ...words });
  await update({ keyId: id, description: 'another note for people', metadata: { word: 'another note for programs' } });
  await update({ keyId: id, description: null, metadata: null });
  const told = JSON.stringify((await eventsOf(id)).map(({ data }) => data)) + town.gateway.logged.join('');
  expect(told).toContain('metadata');
  expect(told).not.toMatch(/note for/);
});

test('notes: what looks like a secret is refused at issue and update, and is neither repeated nor stored', async () => {
  const { id } = await town.issue(town.ann.token, { owner: town.acme });
  const secret = `ghp_${'aB3dE5gH7jK9'.repeat(3)}`;
  const wrong = [
    { description: `use ${secret}` },
    { metadata: { token: secret } },
    { metadata: { a: [{ [secret]: true }] } },
  ];
  const issue = 'mutation ($input: IssueKeyInput!) { issueKey(input: $input) { __typename } }';
  for (const notes of wrong) {
    const input = { realm: 'default', name: 'release', scopes: [PUSH], ...notes };
    const answers = [
      await update({ keyId: id, ...notes }),
      (await town.gateway.ask(issue, { input }, town.ann.token)).errors?.[0],
    ];
    for (const answer of answers) {
      expect(answer).toMatchObject({
        message: expect.stringContaining('found what looks like a token of GitHub'),
        extensions: { code: 'BAD_USER_INPUT' },
      });
      expect(JSON.stringify(answer)).not.toContain(secret);
    }
  }
  expect(await town.gateway.prisma.key.count({ where: { description: { contains: secret } } })).toBe(0);
  expect(town.gateway.logged.join('')).not.toContain(secret);
});

test('notes: a repeat under one idempotency key tells a removal from a request without the note', async () => {
  const { id } = await town.issue(town.ann.token, { owner: town.acme, description: 'first' });
  const once = { keyId: id, name: 'same', idempotencyKey: 'notes-1' };
  expect(await update(once)).toMatchObject({ key: { description: 'first' } });
  expect(await update({ ...once, description: null })).toMatchObject({ __typename: 'IdempotencyConflict' });
  expect(await update(once)).toMatchObject({ key: { description: 'first' } });
});

const INSIDE = '192.0.2.7';
const VERIFY = 'mutation ($input: VerifyKeyInput!) { verifyKey(input: $input) { outcome message } }';
const VERIFIER_SCOPES = ['keytide:verify', 'keytide:follow'].map((action) => ({ action, resource: '**' }));

async function post(path: string, credential: string, body: object, headers: object = {}) {
  const init = { method: 'POST', headers: { Authorization: `Bearer ${credential}`, ...headers } };
  const response = await fetch(`${town.gateway.url}${path}`, {
    ...init,
    headers: { ...init.headers, 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  });
  return response.json() as Promise<{ outcome: string; items: { outcome: string }[] }>;
}

test('addresses: they are stored in one form, replaced as a whole, and recorded; only managers change them', async () => {
  const given = ['2001:DB8::/32', '192.0.2.0/24', '::ffff:198.51.100.7', '192.0.2.0/24'];
  const scopes = [PUSH, { action: 'keytide:issue', resource: '**' }];
  const { id, secret } = await town.issue(town.ann.token, { owner: town.acme, allowedAddresses: given, scopes });
  const read = async (keyId: string) => {
    const query = 'query ($id: ID!) { key(id: $id) { allowedAddresses } }';
    return (await town.gateway.ask(query, { id: keyId }, town.ann.token)).data['key'].allowedAddresses;
  };
  const stored = ['2001:db8::/32', '192.0.2.0/24', '198.51.100.7/32'];
  expect(await read(id)).toEqual(stored);
  const inside = { 'X-Forwarded-For': INSIDE };
  const issueChild = async (input: object) => {
    const query =
      'mutation ($input: IssueKeyInput!) { issueKey(input: $input) { ... on IssueKeySuccess { key { id } } } }';
    const child = { realm: 'default', name: 'child', scopes: [PUSH], ...input };
    return town.gateway.ask(query, { input: child }, secret, inside);
  };
  const heir = await issueChild({});
  expect(await read(heir.data['issueKey'].key.id)).toEqual(stored);
  expect((await issueChild({ allowedAddresses: ['192.0.2.128/25'] })).data['issueKey']).toHaveProperty('key');
  expect((await issueChild({ allowedAddresses: ['192.0.0.0/16'] })).errors?.[0]).toMatchObject({
    message: expect.stringContaining('found addresses that the calling key does not allow'),
  });
  const own = await town.gateway.ask(UPDATE, { input: { keyId: id, allowedAddresses: [] } }, secret, inside);
  expect(own.errors?.[0]?.extensions['code']).toBe('FORBIDDEN');

  const wrong: [string[], string][] = [
    [
      ['192.0.2.1/24'],
      'allowedAddresses[0]: found 192.0.2.1/24, whose address is not the first of the range; expected 192.0.2.0/24',
    ],
    [['::1', 'example.com'], 'allowedAddresses[1]: found no address'],
    [Array.from({ length: 51 }, () => '::1'), 'allowedAddresses: found 51; a key has at most 50.'],
  ];
  for (const [allowedAddresses, message] of wrong) {
    expect(await update({ keyId: id, allowedAddresses })).toMatchObject({ message: expect.stringContaining(message) });
  }
  await update({ keyId: id, allowedAddresses: ['10.0.0.0/8'] });
  expect(await read(id)).toEqual(['10.0.0.0/8']);
  await update({ keyId: id, allowedAddresses: null });
  expect(await read(id)).toEqual([]);
  const events = (await eventsOf(id)).filter(({ type }) => type === 'KEY_UPDATED');
  expect(events.map(({ data }) => data)).toMatchObject([
    { before: { allowedAddresses: stored }, after: { allowedAddresses: ['10.0.0.0/8'] } },
    { changed: ['allowedAddresses'], before: { allowedAddresses: ['10.0.0.0/8'] }, after: { allowedAddresses: [] } },
  ]);
});

test('addresses: every way of verifying refuses a key from elsewhere, and from an unknown address', async () => {
  const verifier = await town.issue(town.admin.token, { scopes: VERIFIER_SCOPES });
  const { secret } = await town.issue(town.ann.token, { owner: town.acme, allowedAddresses: ['192.0.2.0/24'] });
  const cases: [string | undefined, string][] = [
    [INSIDE, 'VALID'],
    [`::ffff:${INSIDE}`, 'VALID'],
    ['192.0.3.7', 'ADDRESS_NOT_ALLOWED'],
    ['2001:db8::1', 'ADDRESS_NOT_ALLOWED'],
    [undefined, 'ADDRESS_NOT_ALLOWED'],
  ];
  const items = cases.map(([address]) => ({ secret, address }));
  expect((await post('/verify', verifier.secret, { items })).items.map(({ outcome }) => outcome)).toEqual(
    cases.map(([, outcome]) => outcome),
  );
  for (const [address, outcome] of cases) {
    const { data } = await town.gateway.ask(VERIFY, { input: { secret, address } }, verifier.secret);
    expect(data['verifyKey'].outcome).toBe(outcome);
    const form = new URLSearchParams({ token: secret, ...(address !== undefined && { address }) });
    const headers = { Authorization: `Bearer ${verifier.secret}` };
    const introspected = await fetch(`${town.gateway.url}/introspect`, { method: 'POST', headers, body: form });
    expect(await introspected.json()).toMatchObject({ active: outcome === 'VALID' });
  }
});

test('addresses: behind a trusted proxy the address is the one that the proxy reports, an IPv4-mapped one as IPv4', async () => {
  const verifier = await town.issue(town.admin.token, { scopes: VERIFIER_SCOPES, allowedAddresses: ['127.0.0.1'] });
  const { secret } = await town.issue(town.ann.token, { owner: town.acme, allowedAddresses: ['192.0.2.0/24'] });
  // The address at the right is the proxy's; what is further left comes from the client.
  const cases: [string | undefined, number][] = [
    [INSIDE, 204],
    [`::ffff:${INSIDE}`, 204],
    [`[::FFFF:c000:207]:4711`, 204],
    [`203.0.113.9, ${INSIDE}`, 204],
    [`${INSIDE}, 203.0.113.9`, 403],
    ['::192.0.2.7', 403],
    ['nonsense', 403],
    [undefined, 403],
  ];
  for (const [forwarded, status] of cases) {
    const headers = {
      Authorization: `Bearer ${secret}`,
      'X-Keytide-Verifier': verifier.secret,
      ...(forwarded !== undefined && { 'X-Forwarded-For': forwarded }),
    };
    const response = await fetch(`${town.gateway.url}/auth/default`, { headers });
    expect([forwarded, response.status]).toEqual([forwarded, status]);
    if (status === 403) expect(response.headers.get('x-keytide-outcome')).toBe('ADDRESS_NOT_ALLOWED');
    // The gateway itself: a caller.
    const asked = await town.gateway.ask('{ viewer { __typename } }', {}, secret, headers);
    expect([forwarded, asked.errors?.[0]?.extensions['outcome'] ?? 'VALID']).toEqual([
      forwarded,
      status === 204 ? 'VALID' : 'ADDRESS_NOT_ALLOWED',
    ]);
  }
});

test('addresses: whoever sets them is warned if a verifier of the realm sent no address within 30 days', async () => {
  const { gateway } = town;
  const verifier = await town.issue(town.admin.token, { realm: 'other', scopes: VERIFIER_SCOPES });
  const { id, secret } = await town.issue(town.ann.token, { realm: 'other', owner: town.acme });
  const warned = async (allowedAddresses: string[]) => {
    const query = `mutation ($input: UpdateKeyInput!) {
      updateKey(input: $input) { ... on UpdateKeySuccess { warnings { code message } } }
    }`;
    const input = { keyId: id, allowedAddresses };
    return (await gateway.ask(query, { input }, await gateway.session(town.ann.id))).data['updateKey'].warnings;
  };
  const { addressless } = gateway.services;
  await post('/verify', verifier.secret, { secret, address: INSIDE });
  await addressless.settled();
  expect(await warned([INSIDE])).toEqual([]);
  await post('/verify', verifier.secret, { secret });
  await addressless.settled();
  expect(await warned([INSIDE])).toEqual([
    { code: 'VERIFIER_SENDS_NO_ADDRESS', message: expect.stringContaining(`(${verifier.id}) sent no address`) },
  ]);
  expect(await warned([])).toEqual([]);
  gateway.clock.advance(30 * DAY_MS);
  expect(await warned([INSIDE])).toEqual([]);
});

test('restrictions: a follower of an earlier release asks the gateway about keys that have any', async () => {
  const { gateway } = town;
  const admin = await gateway.admin();
  const verifier = await town.issue(admin, { scopes: VERIFIER_SCOPES });
  const notBefore = new Date(gateway.clock.now().getTime() + DAY_MS).toISOString();
  const later = await town.issue(admin, { notBefore });
  const local = await town.issue(admin, { allowedAddresses: ['192.0.2.0/24'] });
  const read = async (query: string) => {
    const headers = { Authorization: `Bearer ${verifier.secret}` };
    const lines = (await (await fetch(`${gateway.url}/snapshot${query}`, { headers })).text()).trim().split('\n');
    const keys = lines.flatMap((line) => JSON.parse(line).key ?? []);
    return [later, local, verifier].map(({ id }) => keys.find((key: { id: string }) => key.id === id));
  };
  const one = [expect.objectContaining({ generation: 1 })];
  expect(await read('')).toMatchObject([{ secrets: [] }, { secrets: [] }, { secrets: one }]);
  expect(await read('?evaluates=restrictions')).toMatchObject([
    { secrets: one, notBefore: Date.parse(notBefore), allowedAddresses: [] },
    { secrets: one, notBefore: null, allowedAddresses: ['192.0.2.0/24'] },
    { secrets: one, notBefore: null, allowedAddresses: [] },
  ]);

  const options = { url: gateway.url, credential: () => verifier.secret };
  const library = openVerifier(options);
  onTestFinished(() => library.close());
  await library.ready;
  const answers = [
    library.verify({ secret: local.secret, address: INSIDE }),
    library.verify({ secret: local.secret }),
    library.verify({ secret: local.secret, address: '198.51.100.1' }),
    library.verify({ secret: later.secret, address: INSIDE }),
  ];
  // The good one is answered from memory; refusals are the gateway's.
  expect(answers.map((answer) => answer instanceof Promise)).toEqual([false, true, true, true]);
  expect((await Promise.all(answers)).map(({ outcome }) => outcome)).toEqual([
    'VALID',
    'ADDRESS_NOT_ALLOWED',
    'ADDRESS_NOT_ALLOWED',
    'NOT_YET_VALID',
  ]);
  const guard = async (address: string | undefined) => {
    const request = { headers: { authorization: `Bearer ${local.secret}` }, socket: { remoteAddress: address } };
    const body = { status: 0, writeHead: (status: number) => void (body.status = status), end: () => undefined };
    await nodeGuard(library)(request as IncomingMessage, body as unknown as ServerResponse);
    return body.status;
  };
  expect([await guard('::ffff:192.0.2.9'), await guard('198.51.100.1'), await guard(undefined)]).toEqual([0, 403, 403]);
});
