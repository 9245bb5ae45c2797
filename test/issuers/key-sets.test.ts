import type { ServerResponse } from 'node:http';
import { expect, test } from 'vitest';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../src/domain/duration.ts';
import { allowLocalIssuers, openIssuerWorld } from '../support/issuer-world.ts';
import { newKey, openTestIssuer, signToken } from '../support/test-issuer.ts';

const DOCUMENT = '/.well-known/openid-configuration';

test('key set: it is fetched by discovery for the first token, once for concurrent tokens, and cached for an hour', async () => {
  const tokens = await openIssuerWorld();
  const { issuer, gateway } = tokens;
  expect(issuer.requestedPaths).toEqual([]);
  const some = await Promise.all([1, 2, 3, 4, 5].map(() => tokens.exchange(tokens.token())));
  expect(some.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
  expect(issuer.requestedPaths).toEqual([DOCUMENT, '/keys']);
  gateway.clock.advance(HOUR_MS - 1);
  expect([(await tokens.exchange(tokens.token())).status, issuer.requestedPaths.length]).toEqual([200, 2]);
  gateway.clock.advance(1);
  expect([(await tokens.exchange(tokens.token())).status, issuer.requestedPaths.length]).toEqual([200, 4]);
});

test('key set: 1,000 tokens with unknown kids cause at most one fetch a minute', async () => {
  const tokens = await openIssuerWorld();
  const { issuer, gateway } = tokens;
  const [key] = issuer.keys;
  let refused = 0;
  for (let round = 0; round < 50; round += 1) {
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => {
        const header = { alg: 'ES256', kid: `kid-${Math.random()}` };
        return tokens.exchange(signToken(key!, tokens.claims(), header));
      }),
    );
    refused += answers.filter(({ description }) => description.includes('not signed by a key')).length;
    // The rate limit of one address lets no more through per minute.
    if (round % 10 === 9) gateway.clock.advance(MINUTE_MS);
    expect(issuer.requestedPaths.length).toBeLessThanOrEqual(2 * (Math.floor(round / 10) + 1));
  }
  expect(refused).toBe(1_000);
  expect(issuer.requestedPaths.filter((path) => path === '/keys').length).toBeLessThanOrEqual(5);
});

test('key set: a new key is found within a minute, and the key that it replaces is refused from then on', async () => {
  const tokens = await openIssuerWorld();
  const { issuer, gateway } = tokens;
  const [old] = issuer.keys;
  const next = newKey('next');
  expect((await tokens.exchange(tokens.token())).status).toBe(200);
  issuer.keys = [next];
  expect((await tokens.exchange(tokens.token({}, next))).status).toBe(400);
  gateway.clock.advance(MINUTE_MS);
  expect((await tokens.exchange(tokens.token({}, next))).status).toBe(200);
  expect((await tokens.exchange(tokens.token({}, old))).description).toContain('not signed by a key');
});

test('key set: a withdrawn key is accepted for an hour at most, also by concurrent requests', async () => {
  const tokens = await openIssuerWorld();
  const { issuer, gateway } = tokens;
  const [old] = issuer.keys;
  expect((await tokens.exchange(tokens.token())).status).toBe(200);
  issuer.keys = [newKey('next')];
  gateway.clock.advance(HOUR_MS - 1);
  expect((await tokens.exchange(tokens.token({}, old))).status).toBe(200);
  gateway.clock.advance(1);
  const late = await Promise.all([1, 2, 3].map(() => tokens.exchange(tokens.token({}, old))));
  for (const { description } of late) expect(description).toContain('not signed by a key');
});

test('key set: while an issuer is unreachable its last keys are used for 24 hours, then the answer is 503', async () => {
  const tokens = await openIssuerWorld();
  const { issuer, gateway } = tokens;
  expect((await tokens.exchange(tokens.token())).status).toBe(200);
  issuer.override = (_path, response) => void response.writeHead(503).end();
  gateway.clock.advance(DAY_MS - 1);
  expect((await tokens.exchange(tokens.token())).status).toBe(200);
  gateway.clock.advance(1);
  const away = await tokens.exchange(tokens.token());
  expect([away.status, Number(away.headers.get('retry-after'))]).toEqual([503, 60]);
  expect(gateway.logged.join('')).toContain('issuer key fetch failed');
  issuer.override = null;
  gateway.clock.advance(MINUTE_MS);
  expect((await tokens.exchange(tokens.token())).status).toBe(200);
});

test('key set: an issuer that fails in any way is not trusted and delays no other issuer', async () => {
  const healthy = await openTestIssuer([newKey('healthy')]);
  const elsewhere = await openTestIssuer();
  const broken = await openTestIssuer([newKey('one')]);
  const tokens = await openIssuerWorld({
    issuer: healthy,
    issuers: { ...allowLocalIssuers(healthy, broken, elsewhere), limitMs: 300 },
  });
  const { gateway, world } = tokens;
  const { id } = (await world.mutate('trustIssuer', { realm: 'default', url: broken.url }, 'issuer { id }')).issuer;
  await tokens.addRule({ issuerId: id });
  const document = (more: object) => JSON.stringify({ ...JSON.parse(broken.document(DOCUMENT)), ...more });
  const only =
    (path: string, answer: (response: ServerResponse) => void) => (asked: string, response: ServerResponse) =>
      asked === path ? answer(response) : void response.end(broken.document(asked));
  const failures: { readonly [name: string]: typeof broken.override } = {
    'another’s document': (_path, response) => void response.end(elsewhere.document(DOCUMENT)),
    'a document of its URL with a slash': only(
      DOCUMENT,
      (response) => void response.end(document({ issuer: `${broken.url}/` })),
    ),
    'a document without an issuer': only(DOCUMENT, (response) => void response.end(document({ issuer: undefined }))),
    'a document that names its issuer twice': only(
      DOCUMENT,
      (response) => void response.end(document({}).replace('{', `{"issuer":"${elsewhere.url}",`)),
    ),
    'no document': only(DOCUMENT, (response) => void response.end('<html>')),
    'keys at no URL': only(DOCUMENT, (response) => void response.end(document({ jwks_uri: 7 }))),
    'keys at a private address': only(
      DOCUMENT,
      (response) => void response.end(document({ jwks_uri: 'https://10.0.0.1/keys' })),
    ),
    'keys at the address of a cloud': only(
      DOCUMENT,
      (response) => void response.end(document({ jwks_uri: 'http://169.254.169.254/latest/meta-data' })),
    ),
    'keys in a file': only(DOCUMENT, (response) => void response.end(document({ jwks_uri: 'file:///etc/passwd' }))),
    'no accepted algorithm': only(
      DOCUMENT,
      (response) => void response.end(document({ id_token_signing_alg_values_supported: ['HS256', 'none'] })),
    ),
    'a redirect of the document': only(
      DOCUMENT,
      (response) => void response.writeHead(302, { location: `${elsewhere.url}${DOCUMENT}` }).end(),
    ),
    'a redirect of the keys': only(
      '/keys',
      (response) => void response.writeHead(301, { location: `${elsewhere.url}/keys` }).end(),
    ),
    'a set of more than 1 MB': only(
      '/keys',
      (response) => void response.end(`${broken.document('/keys')}${' '.repeat(1_000_000)}`),
    ),
    'a set without an end': only('/keys', (response) => {
      const write = (): void => {
        while (!response.destroyed && response.write(' '.repeat(64_000)));
      };
      response.on('drain', write);
      write();
    }),
    'a set that comes drop by drop': only('/keys', (response) => void response.write('{"keys":[')),
    'no answer at all': () => undefined,
    'a connection that ends': (_path, response) => void response.destroy(),
    'no set': only('/keys', (response) => void response.end('{"keys":{}}')),
    'an empty set': only('/keys', (response) => void response.end('{"keys":[]}')),
    'a set of secrets': only(
      '/keys',
      (response) => void response.end('{"keys":[{"kty":"oct","k":"AAAA","kid":"one"}]}'),
    ),
    'a set of 101 keys': only('/keys', (response) => {
      const { keys } = JSON.parse(broken.document('/keys')) as { keys: object[] };
      response.end(JSON.stringify({ keys: Array.from({ length: 101 }, () => keys[0]) }));
    }),
  };
  const claims = () => ({ ...tokens.claims(), iss: broken.url });
  for (const [name, fail] of Object.entries(failures)) {
    gateway.clock.advance(MINUTE_MS);
    broken.override = fail;
    const [failed, other] = await Promise.all([
      tokens.exchange(signToken(broken.keys[0]!, claims())),
      tokens.exchange(tokens.token()),
    ]);
    expect([name, failed.status, other.status]).toEqual([name, 503, 200]);
  }
  expect(elsewhere.requestedPaths).toEqual([]);
  gateway.clock.advance(MINUTE_MS);
  broken.override = null;
  expect((await tokens.exchange(signToken(broken.keys[0]!, claims()))).status).toBe(200);
});

test('key set: the SSRF guard refuses an issuer at a private address, and checks the name again at each fetch', async () => {
  const names: Record<string, string[]> = { 'public.example': ['93.184.215.14'], 'private.example': ['10.0.0.1'] };
  const issuers = {
    allowedHosts: [],
    plainHosts: [],
    ports: [443],
    resolve: async (name: string) => names[name] ?? [],
  };
  const issuer = await openTestIssuer();
  const tokens = await openIssuerWorld({ issuer, issuers, trust: { url: 'https://public.example' } });
  const { gateway, world } = tokens;
  const trust = `mutation ($input: TrustIssuerInput!) { trustIssuer(input: $input) { __typename ... on UserError { path } } }`;
  for (const url of [
    'https://private.example',
    'https://nowhere.example',
    'https://127.0.0.1',
    'https://[::1]',
    'https://169.254.169.254',
    'http://public.example',
    'https://public.example:8443',
    'https://user@public.example',
  ]) {
    const { data } = await gateway.ask(trust, { input: { realm: 'default', url } }, await gateway.admin());
    expect([url, data['trustIssuer']]).toEqual([url, { __typename: 'IssuerUrlNotAllowed', path: ['input', 'url'] }]);
  }
  names['public.example'] = ['127.0.0.1'];
  const claims = { ...tokens.claims(), iss: 'https://public.example' };
  expect((await tokens.exchange(signToken(newKey('one'), claims))).status).toBe(503);
  expect(gateway.logged.join('')).toContain('outside the public internet');
  expect(issuer.requestedPaths).toEqual([]);
  expect(await world.gateway.prisma.trustedIssuer.count()).toBe(1);
});
