import { expect, test } from 'vitest';
import { parseSecret, newSecret } from '../../src/domain/secret.ts';
import { systemRandom } from '../../src/store/random.ts';
import { openGateway, type Gateway } from '../support/gateway.ts';
import { issue, mutate } from '../support/issue.ts';
import { RENEW_KEY, ROTATE_KEY, VERIFY_KEY } from '../support/operations.ts';

const realmFields = 'realm { slug secretPrefix secretPattern }';
const CREATE = `mutation ($input: CreateRealmInput!) { createRealm(input: $input) {
  __typename ... on UserError { code message path } ... on CreateRealmSuccess { ${realmFields} } } }`;
const UPDATE = `mutation ($input: UpdateRealmInput!) { updateRealm(input: $input) {
  __typename ... on UserError { code message path } ... on UpdateRealmSuccess { ${realmFields} } } }`;
const DEFINE = 'mutation ($input: DefineActionInput!) { defineAction(input: $input) { __typename } }';
const REALM = '{ realm(slug: "default") { secretPrefix secretPattern } }';
const verifies = [{ action: 'keytide:verify', resource: '**' }];

/** A realm with the action package:push, and a key that may verify its keys. */
async function createRealm(gateway: Gateway, slug: string, secretPrefix: string | null) {
  const admin = await gateway.admin();
  const { data } = await gateway.ask(CREATE, { input: { slug, name: slug, secretPrefix } }, admin);
  const action = { realm: slug, name: 'package:push', description: 'Push packages' };
  await gateway.ask(DEFINE, { input: action }, admin);
  const verifier = await issue(gateway, admin, { realm: slug, name: 'the API', scopes: verifies });
  return { ...data['createRealm'].realm, verifier: verifier.secret } as Record<string, string>;
}

const update = async (gateway: Gateway, input: object) =>
  (await gateway.ask(UPDATE, { input }, await gateway.admin())).data['updateRealm'] as Record<string, any>;

async function verify({ url }: Gateway, credential: string, secret: string) {
  const headers = { 'Content-Type': 'application/json', Authorization: `Bearer ${credential}` };
  const response = await fetch(`${url}/verify`, { method: 'POST', headers, body: JSON.stringify({ secret }) });
  return (await response.json()) as Record<string, any>;
}

test('own prefix: the secrets of two realms with prefixes and of one with kt_ verify in their realm, and nowhere else', async () => {
  const gateway = await openGateway();
  const admin = await gateway.admin();
  const realms = [
    await createRealm(gateway, 'acme', 'acme_live_'),
    await createRealm(gateway, 'beta', 'beta_'),
    await createRealm(gateway, 'shared', null),
  ];
  expect(realms.map(({ secretPrefix, secretPattern }) => [secretPrefix, secretPattern])).toEqual([
    ['acme_live_', 'acme_live_[0-9A-Za-z]{49}'],
    ['beta_', 'beta_[0-9A-Za-z]{49}'],
    ['kt_', 'kt_[0-9A-Za-z]{49}'],
  ]);
  const keys = [];
  for (const { slug = '', secretPrefix = '' } of realms) {
    const key = await issue(gateway, admin, { realm: slug, name: `key of ${slug}` });
    expect(key.secret.startsWith(secretPrefix)).toBe(true);
    expect(parseSecret(key.secret)).not.toBeNull();
    keys.push(key);
  }
  const stored = await gateway.prisma.secret.findMany({ where: { keyId: { in: keys.map(({ id }) => id) } } });
  expect(stored.map(({ start }) => start).sort()).toEqual(keys.map(({ secret }) => secret.slice(0, -43)).sort());
  // Every door takes them, and refuses those of other realms in the same words.
  const unknown = await verify(gateway, realms[0]?.['verifier'] ?? '', newSecret(systemRandom, 'other_').reveal());
  for (const [asked, realm] of realms.entries()) {
    for (const [index, { id, secret }] of keys.entries()) {
      const answer = await verify(gateway, realm['verifier'] ?? '', secret);
      if (asked === index) expect([answer['outcome'], answer['key']?.id]).toEqual(['VALID', id]);
      else expect(answer).toEqual({ ...unknown, asOf: answer['asOf'] });
    }
  }
  for (const [index, { id, secret }] of keys.entries()) {
    const self = await gateway.ask('query ($id: ID!) { key(id: $id) { id } }', { id }, secret);
    expect(self.data['key']).toEqual({ id });
    const { data } = await gateway.ask(VERIFY_KEY, { input: { secret: `${secret}\n` } }, admin);
    expect(data['verifyKey'].outcome).toBe('VALID');
    const introspected = await fetch(`${gateway.url}/introspect`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${realms[index]?.['verifier']}` },
      body: new URLSearchParams({ token: secret }),
    });
    expect(await introspected.json()).toMatchObject({ active: true, client_id: id });
    const proxied = await fetch(`${gateway.url}/auth/${realms[index]?.['slug']}/package:push/Acme.Core`, {
      headers: { Authorization: `Bearer ${secret}`, 'X-Keytide-Verifier': realms[index]?.['verifier'] ?? '' },
    });
    expect(proxied.status).toBe(204);
    // The start finds the key in lists, with and without more of the secret.
    for (const search of [secret, secret.slice(0, -43), secret.slice(0, -44)]) {
      const list = await gateway.ask(
        'query ($search: String!) { keys(filter: { search: $search }) { edges { node { id } } } }',
        { search },
        admin,
      );
      expect(list.data['keys'].edges).toContainEqual({ node: { id } });
    }
    expect(JSON.stringify(gateway.logged)).not.toContain(secret.slice(0, -30));
  }
  // A holder revokes with the secret alone; a text with a secret is refused.
  await mutate(gateway, admin, 'updateKey', { keyId: keys[0]?.id, name: 'renamed' });
  const named = await gateway.ask(
    'mutation ($input: UpdateKeyInput!) { updateKey(input: $input) { __typename } }',
    { input: { keyId: keys[0]?.id, name: keys[1]?.secret } },
    admin,
  );
  expect(named.errors?.[0]?.message).toContain('name contains the secret of a key');
  const revoked = await gateway.ask('mutation ($input: RevokeKeyInput!) { revokeKey(input: $input) { __typename } }', {
    input: { secret: keys[1]?.secret, reason: 'found in a repository' },
  });
  expect(revoked.data['revokeKey'].__typename).toBe('RevokeKeySuccess');
  expect((await verify(gateway, realms[1]?.['verifier'] ?? '', keys[1]?.secret ?? ''))['outcome']).toBe('KEY_REVOKED');
});

test('own prefix: after a change earlier secrets work, new ones have the new prefix, and the pattern finds both', async () => {
  const gateway = await openGateway();
  const admin = await gateway.admin();
  // The first realm has no key yet: the shared prefix is not part of its pattern.
  const first = await update(gateway, { realm: 'default', secretPrefix: 'one_' });
  expect(first['realm']).toMatchObject({ secretPrefix: 'one_', secretPattern: 'one_[0-9A-Za-z]{49}' });
  const key = await issue(gateway, admin, { lifetime: 'P30D' });
  await update(gateway, { realm: 'default', secretPrefix: 'kt_' });
  const shared = await issue(gateway, admin);
  const last = await update(gateway, { realm: 'default', secretPrefix: 'two_x_' });
  expect(last['realm']).toMatchObject({ secretPattern: '(?:two_x_|one_|kt_)[0-9A-Za-z]{49}' });
  expect(await update(gateway, { realm: 'default', secretPrefix: 'two_x_' })).toMatchObject(last);

  const rotated = await gateway.ask(ROTATE_KEY, { input: { gracePeriod: 'P1D' } }, key.secret);
  const { secret: second } = rotated.data['rotateKey'];
  expect(second).toMatch(/^two_x_/);
  const outcomeOf = async (secret: string) =>
    (await gateway.ask(VERIFY_KEY, { input: { secret } }, admin)).data['verifyKey'].outcome as string;
  for (const secret of [key.secret, second, shared.secret]) expect(await outcomeOf(secret)).toBe('VALID');
  const renewed = await gateway.ask(RENEW_KEY, { input: {} }, second);
  expect(renewed.data['renewKey'].__typename).toBe('RenewKeySuccess');

  const { data } = await gateway.ask(REALM, {}, admin);
  const text = `${key.secret} and "${second}", ${shared.secret}=${newSecret(systemRandom, 'other_').reveal()}`;
  const found = text.match(new RegExp(data['realm'].secretPattern, 'g'));
  expect(found).toEqual([key.secret, second, shared.secret]);
  const event = await gateway.prisma.event.findFirstOrThrow({ where: { type: 'REALM_UPDATED' } });
  expect(event.data).toEqual({
    changed: ['secretPrefix'],
    before: { secretPrefix: 'kt_' },
    after: { secretPrefix: 'one_' },
  });
});

test('own prefix: it belongs to one realm for ever, and overlaps with no other', async () => {
  const gateway = await openGateway();
  await createRealm(gateway, 'acme', 'acme_live_');
  await update(gateway, { realm: 'acme', secretPrefix: 'acme_' });
  const taken = { code: 'SECRET_PREFIX_TAKEN', path: ['input', 'secretPrefix'] };
  for (const secretPrefix of ['acme_', 'acme_live_', 'live_', 'my_acme_live_', 'xacme_', 'e_']) {
    expect([secretPrefix, await update(gateway, { realm: 'default', secretPrefix })]).toMatchObject([
      secretPrefix,
      taken,
    ]);
    const { data } = await gateway.ask(
      CREATE,
      { input: { slug: 'next', name: 'next', secretPrefix } },
      await gateway.admin(),
    );
    expect(data['createRealm']).toMatchObject(taken);
  }
  expect(await gateway.prisma.realm.count()).toBe(2);
  expect(await update(gateway, { realm: 'acme', secretPrefix: 'acme_live_' })).toMatchObject({
    realm: { secretPattern: '(?:acme_live_|acme_)[0-9A-Za-z]{49}' },
  });
  const both = await Promise.all([
    gateway.ask(CREATE, { input: { slug: 'a', name: 'a', secretPrefix: 'x_' } }, await gateway.admin()),
    gateway.ask(CREATE, { input: { slug: 'b', name: 'b', secretPrefix: 'yx_' } }, await gateway.admin()),
  ]);
  expect(both.map(({ data }) => data['createRealm'].__typename).sort()).toEqual([
    'CreateRealmSuccess',
    'SecretPrefixTaken',
  ]);
});

test('own prefix: two deployments with the same prefix do not know each other’s secrets', async () => {
  const [one, two] = [await openGateway(), await openGateway()];
  const [mine, other] = [await createRealm(one, 'acme', 'acme_'), await createRealm(two, 'acme', 'acme_')];
  const { secret } = await issue(one, await one.admin(), { realm: 'acme' });
  expect((await verify(one, mine['verifier'] ?? '', secret))['outcome']).toBe('VALID');
  expect((await verify(two, other['verifier'] ?? '', secret))['outcome']).toBe('KEY_UNKNOWN');
  const self = await two.ask('{ realm(slug: "acme") { slug } }', {}, secret);
  expect(self.errors?.[0]?.extensions).toMatchObject({ code: 'UNAUTHENTICATED', outcome: 'KEY_UNKNOWN' });
});
