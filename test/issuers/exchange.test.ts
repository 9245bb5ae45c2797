import { expect, test } from 'vitest';
import { HOUR_MS, MINUTE_MS } from '../../src/domain/duration.ts';
import { rateLimits } from '../../src/accounts/rate-limits.ts';
import { requestExchange, allowLocalIssuers, openIssuerWorld, scopes } from '../support/issuer-world.ts';
import { openGateway } from '../support/gateway.ts';
import { openLine } from '../support/database-line.ts';
import { openRetentionOf } from '../support/retention.ts';
import { jwkOf, newKey, openTestIssuer, signToken } from '../support/test-issuer.ts';

test('exchange: a token that matches a rule gives a key of 15 minutes with the scopes of the rule', async () => {
  const tokens = await openIssuerWorld({
    rule: { labels: [{ name: 'env', value: 'live' }], claimLabels: [{ name: 'team', claim: 'team' }] },
  });
  const { gateway, ownerId, ruleId, issuerId, issuer } = tokens;
  const { status, secret, keyId, headers } = await tokens.exchange(tokens.token());
  expect([status, headers.get('cache-control')]).toEqual([200, 'no-store']);
  const query = `query ($id: ID!) { key(id: $id) {
    name state chosenExpiresAt stopsAt stopsBasis owner { id } scopes { action resource } labels { name value }
    renewalInfo { allowed window { opensAt } reason } notices { threshold }
    events(first: 5) { edges { node { type data actor { kind id name } } } }
  } }`;
  const { data } = await gateway.ask(query, { id: keyId }, await gateway.admin());
  const stopsAt = new Date(gateway.clock.now().getTime() + 15 * MINUTE_MS).toISOString();
  expect(data['key']).toEqual({
    name: 'release',
    state: 'ACTIVE',
    chosenExpiresAt: stopsAt,
    stopsAt,
    stopsBasis: 'HARD',
    owner: { id: ownerId },
    scopes,
    labels: [
      { name: 'ci/consumer', value: 'job:1' },
      { name: 'env', value: 'live' },
      { name: 'team', value: 'acme' },
    ],
    renewalInfo: {
      allowed: false,
      window: null,
      reason: 'The key was issued in exchange for a token and cannot be renewed: exchange another token.',
    },
    notices: [],
    events: {
      edges: [
        {
          node: {
            type: 'KEY_ISSUED',
            data: { expiresAt: stopsAt, stopsAt, basis: 'HARD', ruleId, issuerId, issuer: issuer.url },
            actor: { kind: 'SYSTEM', id: null, name: 'release' },
          },
        },
      ],
    },
  });
  expect(await tokens.verify(secret, 'Other.Core')).toBe('SCOPE_MISSING');
  await gateway.travel(15 * MINUTE_MS - 1);
  expect(await tokens.verify(secret)).toBe('VALID');
  await gateway.travel(1);
  expect(await tokens.verify(secret)).toBe('KEY_EXPIRED');
  await gateway.travel(MINUTE_MS);
  const events = await gateway.prisma.event.findMany({ where: { keyId }, orderBy: { position: 'asc' } });
  expect(events.map(({ type }) => type)).toEqual([
    'KEY_ISSUED',
    'KEY_FIRST_USED',
    'KEY_EXPIRED',
    // The job that was refused had worked before.
    'KEY_BROKE_CONSUMER',
  ]);
  expect(events[1]?.data).toEqual({ generation: 1, consumer: 'job:1' });
  expect(await gateway.prisma.notice.count()).toBe(0);
});

test('exchange: an exchanged key cannot be renewed by itself, its owner or an administrator, before or after its end', async () => {
  const tokens = await openIssuerWorld();
  const { gateway } = tokens;
  const { secret, keyId } = await tokens.exchange(tokens.token());
  const renew = `mutation ($input: RenewKeyInput!) { renewKey(input: $input) { __typename ... on UserError { message } } }`;
  const asked = async (credential: string) =>
    (await gateway.ask(renew, { input: { keyId, lifetime: 'P30D' } }, credential)).data;
  const refusal = {
    renewKey: { __typename: 'RenewalNotAllowed', message: expect.stringMatching(/exchange another/i) },
  };
  expect(await asked(secret)).toEqual(refusal);
  expect(await asked(await gateway.admin())).toEqual(refusal);
  await gateway.travel(HOUR_MS);
  expect(await asked(await gateway.admin())).toEqual(refusal);
});

test('exchange: the mutation is idempotent under its key, and encrypts the secret to a public key', async () => {
  const tokens = await openIssuerWorld();
  const { gateway } = tokens;
  const mutation = `mutation ($input: ExchangeTokenInput!) { exchangeToken(input: $input) {
    __typename ... on ExchangeTokenSuccess { key { id } secret secretUnavailable }
    ... on TokenNotAccepted { code problem path }
  } }`;
  const ask = async (input: object) => (await gateway.ask(mutation, { input })).data['exchangeToken'];
  const input = { token: tokens.token(), idempotencyKey: 'a job' };
  const first = await ask(input);
  expect(first).toMatchObject({ __typename: 'ExchangeTokenSuccess', secretUnavailable: false });
  expect(await ask(input)).toEqual(first);
  expect(await ask({ token: input.token })).toEqual({
    __typename: 'TokenNotAccepted',
    code: 'TOKEN_NOT_ACCEPTED',
    problem: 'USED',
    path: ['input', 'token'],
  });
  const publicKey = JSON.stringify(jwkOf(newKey('mine')));
  const sealed = await ask({ token: tokens.token(), publicKey });
  expect(sealed.secret.split('.')).toHaveLength(5);
  const unused = tokens.token();
  expect((await ask({ token: unused, publicKey: '{}' })).__typename).toBe('PublicKeyInvalid');
  expect((await ask({ token: unused })).__typename).toBe('ExchangeTokenSuccess');
});

test('exchange: of 50 exchanges of one token over two nodes at once exactly one gets a key', async () => {
  const tokens = await openIssuerWorld();
  const { gateway } = tokens;
  const second = await openGateway({
    database: gateway.database,
    clock: gateway.clock,
    isClockTrusted: () => false,
    issuers: allowLocalIssuers(tokens.issuer),
  });
  const token = tokens.token();
  const answers = await Promise.all(
    Array.from({ length: 50 }, (_, index) => tokens.exchange(token, index % 2 === 0 ? gateway.url : second.url)),
  );
  const refusals = answers.filter(({ status }) => status !== 200);
  expect(answers.length - refusals.length).toBe(1);
  expect(new Set(refusals.map(({ error, description }) => `${error} ${description.slice(0, 32)}`))).toEqual(
    new Set(['invalid_request This token was already exchanged']),
  );
  const issued = await gateway.prisma.key.count({ where: { tokenRuleId: tokens.ruleId } });
  expect([issued, await gateway.prisma.event.count({ where: { type: 'KEY_ISSUED' } })]).toEqual([1, 1]);
});

test('exchange: a used token is remembered until it would be refused as expired, across runs of retention', async () => {
  const tokens = await openIssuerWorld();
  const { gateway } = tokens;
  const { clock, prisma } = gateway;
  const token = tokens.token();
  expect((await tokens.exchange(token)).status).toBe(200);
  const job = await openRetentionOf(gateway);
  clock.advance(301_000);
  await job.deleteExpired();
  expect((await tokens.exchange(token)).description).toContain('already exchanged');
  clock.advance(58_999);
  await job.deleteExpired();
  expect((await tokens.exchange(token)).description).toContain('already exchanged');
  clock.advance(1);
  expect((await tokens.exchange(token)).description).toContain('has expired');
  clock.advance(HOUR_MS + 1);
  await job.deleteExpired();
  expect(await prisma.usedToken.count()).toBe(0);
});

test('exchange: a token without a jti, as of Jenkins, can still be exchanged only once', async () => {
  const tokens = await openIssuerWorld();
  const [first, second] = [1, 2].map((build_number) => tokens.token({ jti: undefined, build_number }));
  expect((await tokens.exchange(first!)).status).toBe(200);
  expect((await tokens.exchange(second!)).status).toBe(200);
  expect((await tokens.exchange(first!)).description).toContain('already exchanged');
});

test('exchange: an exchange that fails does not use up the token', async () => {
  const tokens = await openIssuerWorld();
  const { gateway, world } = tokens;
  const token = tokens.token();
  await world.mutate('retireAction', { realm: 'default', name: 'package:push' }, 'realm { id }');
  expect((await tokens.exchange(token)).description).toContain('its owner is disabled');
  await world.mutate('defineAction', { realm: 'default', name: 'package:push', description: 'Push' }, 'realm { id }');
  const { ruleId } = tokens;
  for (let count = 0; count < rateLimits.exchangeByRule.limit; count += 1)
    gateway.services.rateLimits.attemptExchangeByRule(ruleId);
  const limited = await tokens.exchange(token);
  expect([limited.status, limited.error, limited.headers.get('retry-after')]).toEqual([
    429,
    'temporarily_unavailable',
    '60',
  ]);
  gateway.clock.advance(MINUTE_MS);
  expect((await tokens.exchange(token)).status).toBe(200);
});

test('exchange: without its database a gateway answers 503, and the token can be exchanged later', async () => {
  const first = await openIssuerWorld();
  const line = await openLine(first.gateway.database);
  const { gateway, issuer } = first;
  const { url, logged } = await openGateway({
    database: line.database,
    clock: gateway.clock,
    isClockTrusted: () => false,
    issuers: allowLocalIssuers(issuer),
  });
  const token = first.token();
  line.cut();
  const { status, error, headers } = await requestExchange(url, token);
  expect([status, error, headers.get('retry-after')]).toEqual([503, 'temporarily_unavailable', '1']);
  expect(logged.filter((text) => text.includes('request failed'))).toEqual([]);
  line.mend();
  expect((await requestExchange(url, token)).status).toBe(200);
});

test('exchange: the attempts of one address are limited, whatever token they show', async () => {
  const { gateway, exchange } = await openIssuerWorld();
  gateway.services.rateLimits.attemptExchange('127.0.0.1', rateLimits.exchangeByAddress.limit - 1);
  expect((await exchange('x')).status).toBe(400);
  expect((await exchange('x')).status).toBe(429);
  gateway.clock.advance(MINUTE_MS);
  expect((await exchange('x')).status).toBe(400);
});

test('exchange: a distrusted issuer, a removed rule and a disabled owner give no more keys', async () => {
  const tokens = await openIssuerWorld();
  const { gateway, world, issuerId, ruleId } = tokens;
  const person = await gateway.person('olga');
  const olgas = await tokens.addRule({ conditions: [{ claim: 'team', equals: 'olga' }], owner: person.id });
  const ofOlga = () => tokens.token({ team: 'olga' });
  const { secret } = await tokens.exchange(ofOlga());
  await world.mutate('disableAccount', { accountId: person.id, reason: 'left' }, 'account { id }');
  expect((await tokens.exchange(ofOlga())).description).toContain('its owner is disabled');
  await world.mutate('removeTokenRule', { ruleId: olgas }, 'rule { id removedAt }');
  expect((await tokens.exchange(ofOlga())).description).toContain('No rule');
  expect((await tokens.exchange(tokens.token())).status).toBe(200);
  await world.mutate('updateTokenRule', { ruleId, conditions: [{ claim: 'team', equals: 'other' }] }, 'rule { id }');
  expect((await tokens.exchange(tokens.token())).description).toContain('No rule');
  expect((await tokens.exchange(tokens.token({ team: 'other' }))).status).toBe(200);
  await world.mutate('distrustIssuer', { issuerId, reason: 'moved' }, 'issuer { id distrustedAt }');
  expect((await tokens.exchange(tokens.token({ team: 'other' }))).description).toContain('No realm trusts');
  expect(await tokens.verify(secret)).toBe('VALID');
});

test('exchange: the oldest matching rule applies, and one rule can cover many repositories', async () => {
  const tokens = await openIssuerWorld();
  const { gateway } = tokens;
  const conditions = [
    { claim: 'team', equals: 'serilog' },
    { claim: 'repository', matches: 'serilog/*' },
    { claim: '/job/kind', equals: 'release' },
  ];
  const wide = [{ action: 'package:push', resource: 'Serilog.*' }];
  const claimLabels = [{ name: 'repo', claim: 'repository' }];
  await tokens.addRule({ name: 'serilog', conditions, scopes: wide, claimLabels });
  gateway.clock.advance(1);
  await tokens.addRule({ name: 'younger', conditions, scopes });
  const job = { kind: 'release' };
  for (let index = 0; index < 60; index += 1) {
    const repository = `serilog/sink-${index}`;
    const { status, secret } = await tokens.exchange(tokens.token({ team: 'serilog', repository, job }));
    expect(status).toBe(200);
    if (index === 0) expect(await tokens.verify(secret, 'Serilog.Sinks')).toBe('VALID');
  }
  const repositories = await gateway.prisma.label.findMany({ where: { name: 'repo' } });
  expect(new Set(repositories.map(({ value }) => value)).size).toBe(60);
  for (const more of [
    { repository: 'serilog/a/b', job },
    { repository: 'serilog/a', job: { kind: 'test' } },
    { job },
  ]) {
    expect((await tokens.exchange(tokens.token({ team: 'serilog', ...more }))).description).toContain('No rule');
  }
});

test('exchange: an issuer that is replaced while a token is verified gives no key for that token', async () => {
  const tokens = await openIssuerWorld();
  const { issuer, world, issuerId } = tokens;
  const replace = async (): Promise<void> => {
    await world.mutate('distrustIssuer', { issuerId }, 'issuer { id }');
    const trusted = { realm: 'default', url: issuer.url };
    const { id } = (await world.mutate('trustIssuer', trusted, 'issuer { id }')).issuer;
    await tokens.addRule({ issuerId: id });
  };
  issuer.override = (path, response) => {
    const answered = () => void response.end(issuer.document(path));
    if (path === '/keys') void replace().then(answered);
    else answered();
  };
  const token = tokens.token();
  expect((await tokens.exchange(token)).description).toContain('No realm trusts');
  expect((await tokens.exchange(token)).status).toBe(200);
});

test('exchange: an unreachable issuer is verified with its imported keys, and one realm’s audience opens no other realm', async () => {
  const key = newKey('jenkins', 'RS256');
  const unreachable = 'http://jenkins.internal/oidc';
  const issuer = await openTestIssuer();
  const tokens = await openIssuerWorld({ issuer });
  const { world, gateway, ownerId } = tokens;
  const realm = await world.realm();
  await world.mutate('defineAction', { realm, name: 'package:push', description: 'Push' }, 'realm { id }');
  const trusted = { realm, url: unreachable, keySet: { keys: [jwkOf(key)] } };
  const { id, audience } = (await world.mutate('trustIssuer', trusted, 'issuer { id audience keySet }')).issuer;
  expect(audience).toBe(`https://keytide.test/${realm}`);
  await tokens.addRule({ issuerId: id, conditions: [{ claim: 'sub', equals: 'job:1' }] });
  const claims = () => ({ ...tokens.claims(), iss: unreachable, aud: audience });
  const { keyId } = await tokens.exchange(signToken(key, claims()));
  const made = await gateway.prisma.key.findUniqueOrThrow({ where: { id: keyId }, include: { realm: true } });
  expect([made.realm.slug, made.organizationId]).toEqual([realm, ownerId]);
  const elsewhere = { ...claims(), aud: 'https://keytide.test/default' };
  expect((await tokens.exchange(signToken(key, elsewhere))).description).toContain('No realm trusts');
  const next = newKey('next', 'EdDSA');
  await world.mutate('updateIssuer', { issuerId: id, keySet: { keys: [jwkOf(next)] } }, 'issuer { id }');
  expect((await tokens.exchange(signToken(key, claims()))).description).toContain('not signed by a key');
  expect((await tokens.exchange(signToken(next, claims()))).status).toBe(200);
  expect(issuer.requestedPaths).toEqual([]);
});

test('exchange: errors of the token endpoint have the codes of RFC 6749, and do not echo the input', async () => {
  const tokens = await openIssuerWorld();
  const { gateway } = tokens;
  const cases: [Record<string, string>, string][] = [
    [{ grant_type: 'client_credentials' }, 'unsupported_grant_type'],
    [{ grant_type: '' }, 'invalid_request'],
    [{ subject_token: '' }, 'invalid_request'],
    [{ subject_token_type: 'urn:ietf:params:oauth:token-type:saml2' }, 'invalid_request'],
    [{ requested_token_type: 'urn:ietf:params:oauth:token-type:jwt' }, 'invalid_request'],
    [{ actor_token: 'x' }, 'invalid_request'],
    [{ scope: 'package:push' }, 'invalid_scope'],
    [{ audience: 'somebody' }, 'invalid_target'],
    [{ resource: 'https://somewhere.example' }, 'invalid_target'],
    [{ subject_token: 'kt_secret' }, 'invalid_request'],
  ];
  const token = tokens.token();
  for (const [more, error] of cases) {
    const answer = await requestExchange(gateway.url, token, more);
    expect([more, answer.status, answer.error]).toEqual([more, 400, error]);
    expect(answer.description).toMatch(/^[ !#-[\]-~]+$/);
  }
  const send = async (body: string, type = 'application/x-www-form-urlencoded') => {
    const response = await fetch(`${gateway.url}/token`, { method: 'POST', headers: { 'content-type': type }, body });
    return [response.status, ((await response.json()) as { error: string }).error];
  };
  expect(await send('{}', 'application/json')).toEqual([400, 'invalid_request']);
  expect(await send('subject_token=a&subject_token=b')).toEqual([400, 'invalid_request']);
  expect(await send('x'.repeat(16_001))).toEqual([413, 'invalid_request']);
  const spelled = await send(`grant_type=x`, 'Application/X-WWW-Form-URLEncoded;charset=UTF-8');
  expect(spelled).toEqual([400, 'unsupported_grant_type']);
  expect((await fetch(`${gateway.url}/token`)).status).toBe(405);
  expect((await tokens.exchange(token)).status).toBe(200);
  const metrics = await (await fetch(`${gateway.url}/metrics`)).text();
  expect(metrics).toContain('keytide_token_exchanges_total{outcome="EXCHANGED"} 1\n');
  expect(metrics).toContain('keytide_token_exchanges_total{outcome="MALFORMED"} 1\n');
  expect(gateway.logged.join('')).not.toContain(token.slice(0, 40));
});
