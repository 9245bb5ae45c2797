import { createLocalJWKSet, decodeJwt, decodeProtectedHeader, jwtVerify, type JSONWebKeySet } from 'jose';
import { expect, test } from 'vitest';
import { DAY_MS, MINUTE_MS } from '../../src/domain/duration.ts';
import { newSecret } from '../../src/domain/secret.ts';
import { systemRandom } from '../../src/store/random.ts';
import { openGateway, type Gateway } from '../support/gateway.ts';
import { issue, mutate } from '../support/issue.ts';
import { ROTATE_KEY } from '../support/operations.ts';

const KEY_TYPE = 'urn:keytide:params:oauth:token-type:key';
const AUDIENCE = 'https://packages.example';
const UPDATE = 'mutation ($input: UpdateRealmInput!) { updateRealm(input: $input) { __typename } }';

async function post({ url }: Gateway, fields: Record<string, string>) {
  const response = await fetch(`${url}/token`, { method: 'POST', body: new URLSearchParams(fields) });
  return { status: response.status, headers: response.headers, body: (await response.json()) as Record<string, any> };
}

async function openSigning(isAllowed = true) {
  const gateway = await openGateway();
  const admin = await gateway.admin();
  const allow = async (signedTokens: boolean, credential = admin) =>
    gateway.ask(UPDATE, { input: { realm: 'default', signedTokens } }, credential);
  if (isAllowed) await allow(true);
  const request = (secret: string, more: Record<string, string> = {}) =>
    post(gateway, {
      grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
      subject_token: secret,
      subject_token_type: KEY_TYPE,
      audience: AUDIENCE,
      ...more,
    });
  return { gateway, admin, allow, request };
}

test('signed token: it is off unless an administrator allows it, and an event records that', async () => {
  const { gateway, admin, allow, request } = await openSigning(false);
  const { secret } = await issue(gateway, admin);
  const refused = await request(secret);
  expect([refused.status, refused.body['error'], refused.body['error_description']]).toEqual([
    400,
    'invalid_request',
    expect.stringContaining('realm default allows no signed tokens'),
  ]);
  const { token } = await gateway.person('ann');
  expect((await allow(true, token)).errors?.[0]?.extensions['code']).toBe('FORBIDDEN');
  expect((await request(secret)).status).toBe(400);
  await allow(true);
  expect((await request(secret)).status).toBe(200);
  expect((await gateway.ask('{ realm(slug: "default") { signedTokens } }', {}, admin)).data).toEqual({
    realm: { signedTokens: true },
  });
  const event = await gateway.prisma.event.findFirstOrThrow({ where: { type: 'REALM_UPDATED' } });
  expect(event.data).toEqual({
    changed: ['signedTokens'],
    before: { signedTokens: false },
    after: { signedTokens: true },
  });
  await allow(false);
  expect((await request(secret)).status).toBe(400);
});

test('signed token: a request names at most 20 different scopes', async () => {
  const { gateway, admin, request } = await openSigning();
  const { secret } = await issue(gateway, admin);
  const scopesTo = (count: number) =>
    Array.from({ length: count }, (_, index) => `package:push=Acme.${index}`).join(' ');
  const { status, body } = await request(secret, { scope: scopesTo(21) });
  expect([status, body['error'], body['error_description']]).toEqual([
    400,
    'invalid_scope',
    'scope: found 21 scopes; at most 20 are accepted.',
  ]);
  const repeated = await request(secret, { scope: `${scopesTo(20)} ${scopesTo(20)}` });
  expect([repeated.status, repeated.body['scope']]).toEqual([200, scopesTo(20)]);
});

test('signed token: any library verifies it by the key set: 5 minutes, the owner, the key, its scopes, for one audience', async () => {
  const { gateway, admin, request } = await openSigning();
  const { id, secret } = await issue(gateway, admin);
  const { id: ownerId } = await gateway.prisma.account.findFirstOrThrow();
  const { status, headers, body } = await request(secret);
  expect([status, headers.get('cache-control'), headers.get('pragma')]).toEqual([200, 'no-store', 'no-cache']);
  expect(body).toEqual({
    access_token: expect.any(String),
    issued_token_type: 'urn:ietf:params:oauth:token-type:access_token',
    token_type: 'Bearer',
    expires_in: 300,
    scope: 'package:push=Acme.*',
  });
  const keySet = (await (await fetch(`${gateway.url}/.well-known/jwks.json`)).json()) as JSONWebKeySet;
  const { payload } = await jwtVerify(body['access_token'], createLocalJWKSet(keySet), {
    typ: 'at+jwt',
    issuer: 'https://keytide.test',
    audience: AUDIENCE,
    currentDate: gateway.clock.now(),
  });
  const iat = Math.floor(gateway.clock.now().getTime() / 1000);
  expect(payload).toEqual({
    iss: 'https://keytide.test',
    aud: AUDIENCE,
    sub: ownerId,
    client_id: id,
    realm: 'default',
    scope: 'package:push=Acme.*',
    jti: expect.stringMatching(/^[\w-]{22}$/),
    iat,
    exp: iat + 300,
  });
  const again = await request(secret, { request_id: 'a'.repeat(43) });
  expect(decodeJwt(again.body['access_token']).jti).not.toBe(payload.jti);
  await gateway.services.uses.flush();
  const [use] = await gateway.prisma.use.findMany({ where: { secret: { keyId: id } } });
  expect(use?.useCount).toBe(2n);
  expect(await (await fetch(`${gateway.url}/metrics`)).text()).toContain(
    'keytide_signed_tokens_total{outcome="SIGNED"} 2',
  );
  expect(gateway.logged.join('')).not.toContain(body['access_token']);
});

test('signed token: it ends with the secret, at its HARD stop or its retirement, and not with a stop that use moves', async () => {
  const { gateway, admin, request } = await openSigning();
  const { secret: stopping } = await issue(gateway, admin, { lifetime: 'P1D' });
  gateway.clock.advance(DAY_MS - 2 * MINUTE_MS);
  const { id, secret: retiring } = await issue(gateway, await gateway.admin());
  await gateway.ask(ROTATE_KEY, { input: { keyId: id, gracePeriod: 'PT1M' } }, await gateway.admin());
  expect((await request(stopping)).body['expires_in']).toBe(120);
  expect((await request(retiring)).body['expires_in']).toBe(60);
  gateway.clock.advance(119_500);
  expect((await request(stopping)).body['expires_in']).toBe(1);
  gateway.clock.advance(500);
  const late = await request(stopping);
  expect([late.status, late.body['error']]).toEqual([400, 'invalid_request']);
  const { secret: unused, stopsAt } = await issue(gateway, await gateway.admin());
  gateway.clock.advance(Date.parse(stopsAt!) - gateway.clock.now().getTime() - MINUTE_MS);
  expect((await request(unused)).body['expires_in']).toBe(300);
});

test('signed token: its scopes are narrowed to those requested, and never reserved ones', async () => {
  const { gateway, admin, request } = await openSigning();
  const { secret } = await issue(gateway, admin, {
    scopes: [
      { action: 'package:push', resource: 'Acme.*' },
      { action: 'keytide:read', resource: '**' },
    ],
  });
  const granted = await request(secret, { scope: 'package:push=Acme.Core package:push=Acme.X*' });
  expect(granted.body['scope']).toBe('package:push=Acme.Core package:push=Acme.X*');
  expect(decodeJwt(granted.body['access_token'])['scope']).toBe(granted.body['scope']);
  expect((await request(secret)).body['scope']).toBe('package:push=Acme.*');
  for (const scope of [
    'package:push=**',
    'package:push=Acme.Core package:unlist=Acme.Core',
    'keytide:read=**',
    'package:push',
    'package:push=Acme.%',
    '*=Acme.Core',
  ]) {
    const { status, body } = await request(secret, { scope });
    expect([scope, status, body['error'], body['access_token']]).toEqual([scope, 400, 'invalid_scope', undefined]);
  }
  const { secret: reserved } = await issue(gateway, admin, { scopes: [{ action: 'keytide:read', resource: '**' }] });
  expect((await request(reserved)).body['error']).toBe('invalid_scope');
});

test('signed token: its audience is never this gateway', async () => {
  const { gateway, admin, request } = await openSigning();
  const { secret } = await issue(gateway, admin);
  for (const audience of [
    'keytide',
    'KEYTIDE',
    'keytide.test',
    'https://keytide.test',
    'https://KEYTIDE.test/default',
    'https://keytide.test:443/',
    'a'.repeat(201),
  ]) {
    expect([audience, (await request(secret, { audience })).body['error']]).toEqual([audience, 'invalid_target']);
  }
  expect((await request(secret, { audience: '' })).body['error']).toBe('invalid_request');
  for (const more of [{ resource: AUDIENCE }, { actor_token: 'x' }, { requested_token_type: 'x' }]) {
    expect((await request(secret, more)).body['error']).toBe('invalid_request');
  }
});

test('signed token: only the secret of a good key is exchanged, and its holder learns why not', async () => {
  const { gateway, admin, request } = await openSigning();
  const secrets: Record<string, string> = {
    'No key of this realm': newSecret(systemRandom).reveal(),
    'not the secret of a key': admin,
  };
  for (const [reason, name] of [
    ['was revoked', 'revoked'],
    ['holds the key', 'held'],
    ['This secret retired', 'retired'],
  ] as const) {
    const { id, secret } = await issue(gateway, admin, { name });
    secrets[reason] = secret;
    if (name === 'held') await mutate(gateway, admin, 'holdKey', { keyId: id, reason: 'test' });
    if (name === 'revoked') await mutate(gateway, admin, 'revokeKey', { keyId: id, reason: 'test' });
    if (name === 'retired') await gateway.ask(ROTATE_KEY, { input: { keyId: id, gracePeriod: 'PT0S' } }, admin);
  }
  for (const [reason, secret] of Object.entries(secrets)) {
    const { status, body } = await request(secret);
    expect([status, body['error'], body['error_description']]).toEqual([
      400,
      'invalid_request',
      expect.stringContaining(reason),
    ]);
  }
});

test('signed token: the gateway accepts it as no credential, on any path', async () => {
  const { gateway, admin, request } = await openSigning();
  const scopes = [{ action: 'keytide:verify', resource: '**' }];
  const { secret: verifier } = await issue(gateway, admin, { name: 'API', scopes });
  const { secret } = await issue(gateway, admin);
  const token = (await request(secret)).body['access_token'] as string;
  expect(decodeProtectedHeader(token).typ).toBe('at+jwt');
  const asked = await gateway.ask('{ viewer { __typename } }', {}, token);
  expect([asked.status, asked.errors?.[0]?.extensions['code']]).toEqual([401, 'UNAUTHENTICATED']);
  const send = async (
    path: string,
    credential: string,
    body: BodyInit | null,
    headers: Record<string, string> = {},
  ) => {
    const init = { method: 'POST', body, headers: { Authorization: `Bearer ${credential}`, ...headers } };
    const response = await fetch(`${gateway.url}${path}`, init);
    return [response.status, await response.text()] as const;
  };
  const json = { 'Content-Type': 'application/json' };
  expect((await send('/verify', token, JSON.stringify({ secret }), json))[0]).toBe(401);
  expect(JSON.parse((await send('/verify', verifier, JSON.stringify({ secret: token }), json))[1]).outcome).toBe(
    'KEY_UNKNOWN',
  );
  expect((await send('/introspect', token, new URLSearchParams({ token: secret })))[0]).toBe(401);
  expect((await send('/introspect', verifier, new URLSearchParams({ token })))[1]).toBe('{"active":false}');
  expect((await send('/auth/default', token, null, { 'X-Keytide-Verifier': verifier }))[0]).toBe(401);
  expect((await send('/auth/default', secret, null, { 'X-Keytide-Verifier': token }))[0]).toBe(500);
  for (const subject_token_type of [
    KEY_TYPE,
    'urn:ietf:params:oauth:token-type:jwt',
    'urn:ietf:params:oauth:token-type:id_token',
  ]) {
    expect((await request(token, { subject_token_type })).body['access_token']).toBeUndefined();
  }
});

test('signed token: one key gets a limited number in a minute, and others are not affected', async () => {
  const { gateway, admin, request } = await openSigning();
  const { secret } = await issue(gateway, admin);
  const { secret: other } = await issue(gateway, admin);
  for (let count = 0; count < 60; count += 1) expect((await request(secret)).status).toBe(200);
  const { status, headers, body } = await request(secret);
  expect([status, headers.get('retry-after'), body['error']]).toEqual([429, '60', 'temporarily_unavailable']);
  expect((await request(other)).status).toBe(200);
  gateway.clock.advance(MINUTE_MS);
  expect((await request(secret)).status).toBe(200);
});
