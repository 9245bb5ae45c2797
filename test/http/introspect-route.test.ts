import * as oauth from 'oauth4webapi';
import { expect, test } from 'vitest';
import { DAY_MS } from '../../src/domain/duration.ts';
import { newSecret } from '../../src/domain/secret.ts';
import { systemRandom } from '../../src/store/random.ts';
import { openGateway, type Gateway } from '../support/gateway.ts';
import { issue, mutate } from '../support/issue.ts';
import { ROTATE_KEY } from '../support/operations.ts';

const INACTIVE = '{"active":false}';

async function openIntrospection(options: Parameters<typeof openGateway>[0] = {}) {
  const gateway = await openGateway(options);
  const admin = await gateway.admin();
  const scopes = [{ action: 'keytide:verify', resource: '**' }];
  const { secret: verifier } = await issue(gateway, admin, { name: 'the API', scopes });
  return { gateway, admin, verifier, introspect: (token: string) => post(gateway, { token }, `Bearer ${verifier}`) };
}

async function post({ url }: Gateway, fields: Record<string, string>, authorization: string | null) {
  const response = await fetch(`${url}/introspect`, {
    method: 'POST',
    headers: authorization === null ? {} : { Authorization: authorization },
    body: new URLSearchParams(fields),
  });
  return { status: response.status, headers: response.headers, text: await response.text() };
}

test('introspect: a good key is active, with its scopes, its owner and the end that time alone gives it', async () => {
  const { gateway, admin, introspect } = await openIntrospection();
  const labels = [{ name: 'repo', value: 'core' }];
  const scopes = [
    { action: 'package:push', resource: 'Acme.*' },
    { action: 'package:unlist', resource: 'a "b"/100%/é=\\' },
  ];
  const { id, secret, stopsAt } = await issue(gateway, admin, { lifetime: 'P30D', labels, scopes });
  const { id: ownerId } = await gateway.prisma.account.findFirstOrThrow();
  const { status, headers, text } = await introspect(` ${secret}`);
  expect([status, headers.get('cache-control'), headers.get('content-type')]).toEqual([
    200,
    'no-store',
    'application/json; charset=utf-8',
  ]);
  expect(JSON.parse(text)).toEqual({
    active: true,
    scope: 'package:push=Acme.* package:unlist=a%20%22b%22/100%25/%C3%A9=%5C',
    client_id: id,
    sub: ownerId,
    iss: 'https://keytide.test',
    token_type: 'Bearer',
    exp: (gateway.clock.now().getTime() + 30 * DAY_MS) / 1000,
    realm: 'default',
    labels,
    stops_at: stopsAt,
    renewal_due: false,
  });
  // The token has no exp for a stop that a use can move.
  const idle = await issue(gateway, admin);
  expect(JSON.parse((await introspect(idle.secret)).text)).not.toHaveProperty('exp');
  // A secret that retires ends before its key.
  await gateway.ask(ROTATE_KEY, { input: { keyId: id, gracePeriod: 'P2D' } }, admin);
  const retiring = JSON.parse((await introspect(secret)).text);
  expect(retiring.exp).toBe((gateway.clock.now().getTime() + 2 * DAY_MS) / 1000);
  await gateway.services.uses.flush();
  expect((await gateway.prisma.use.findMany({ where: { secret: { keyId: id } } }))[0]?.useCount).toBe(2n);
});

test('introspect: everything that is not a good key of the realm gets the same answer, byte for byte', async () => {
  const { gateway, admin, introspect, verifier } = await openIntrospection();
  await gateway.ask('mutation { createRealm(input: { slug: "other", name: "Other" }) { __typename } }', {}, admin);
  const { secret: foreign } = await issue(gateway, admin, {
    realm: 'other',
    scopes: [{ action: 'keytide:verify', resource: '**' }],
  });
  const tokens = [newSecret(systemRandom).reveal(), 'password', foreign, admin, 'eyJhbGciOiJub25lIn0.e30.'];
  for (const name of ['held', 'revoked', 'retired']) {
    const { id, secret } = await issue(gateway, admin, { name });
    tokens.push(secret);
    if (name === 'held') await mutate(gateway, admin, 'holdKey', { keyId: id, reason: 'test' });
    if (name === 'revoked') await mutate(gateway, admin, 'revokeKey', { keyId: id, reason: 'test' });
    if (name === 'retired') await gateway.ask(ROTATE_KEY, { input: { keyId: id, gracePeriod: 'PT0S' } }, admin);
  }
  tokens.push((await issue(gateway, admin, { lifetime: 'P1D' })).secret);
  await gateway.travel(DAY_MS);
  const answers = new Set<string>();
  for (const token of tokens) {
    const { status, headers, text } = await introspect(token);
    const named = [...headers].filter(([name]) => name !== 'date' && name !== 'x-request-id');
    answers.add(JSON.stringify([status, named, text]));
    expect([token, text]).toEqual([token, INACTIVE]);
  }
  expect(answers.size).toBe(1);
  expect(JSON.parse((await introspect(verifier)).text).active).toBe(true);
});

test('introspect: it refuses who may not ask, and forms that it cannot read', async () => {
  const { gateway, admin, verifier } = await openIntrospection();
  const { secret } = await issue(gateway, admin);
  const basic = (password: string) => `Basic ${Buffer.from(`api:${password}`).toString('base64')}`;
  const cases: [Record<string, string>, string | null, number, string][] = [
    [{ token: secret }, null, 401, 'invalid_client'],
    [{ token: secret }, 'Bearer kt_nothing', 401, 'invalid_client'],
    [{ token: secret }, basic('kt_nothing'), 401, 'invalid_client'],
    [{ token: secret }, `Bearer ${secret}`, 403, 'insufficient_scope'],
    [{}, `Bearer ${verifier}`, 400, 'invalid_request'],
    [{ token: secret, token_type_hint: 'refresh_token' }, `Bearer ${verifier}`, 200, ''],
    [{ token: secret, client_id: 'api' }, basic(verifier), 200, ''],
    [{ token: secret }, `Bearer ${admin}`, 200, ''],
  ];
  for (const [fields, authorization, status, error] of cases) {
    const answer = await post(gateway, fields, authorization);
    const body = JSON.parse(answer.text);
    expect([answer.status, body.error ?? '', body.active ?? false]).toEqual([status, error, status === 200]);
    expect(answer.headers.get('www-authenticate') !== null).toBe(status === 401 || status === 403);
    expect(answer.text).not.toContain(secret);
  }
  expect((await fetch(`${gateway.url}/introspect`)).status).toBe(405);
  expect(await (await fetch(`${gateway.url}/metrics`)).text()).toContain(
    'keytide_verifications_total{outcome="VALID"}',
  );
});

test('introspect: oauth4webapi finds the endpoint by discovery and reads its answers', async () => {
  let url = '';
  const { gateway, admin, verifier } = await openIntrospection({ publicUrl: () => url || 'https://keytide.test' });
  ({ url } = gateway);
  const { id, secret } = await issue(gateway, admin);
  const insecure = { [oauth.allowInsecureRequests]: true };
  const issuer = new URL(url);
  const found = await oauth.discoveryRequest(issuer, { algorithm: 'oauth2', ...insecure });
  const server = await oauth.processDiscoveryResponse(issuer, found);
  const client = { client_id: 'the-api' };
  const introspect = async (token: string) => {
    const response = await oauth.introspectionRequest(
      server,
      client,
      oauth.ClientSecretBasic(verifier),
      token,
      insecure,
    );
    return oauth.processIntrospectionResponse(server, client, response);
  };
  expect(await introspect(secret)).toMatchObject({ active: true, client_id: id, scope: 'package:push=Acme.*' });
  expect(await introspect('unknown')).toEqual({ active: false });
});
