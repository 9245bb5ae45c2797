import { generateKeyPairSync } from 'node:crypto';
import { expect, test } from 'vitest';
import { DAY_MS, MINUTE_MS, SECOND_MS } from '../../src/domain/duration.ts';
import { AUDIENCE, allowLocalIssuers, openIssuerWorld, type IssuerWorld } from '../support/issuer-world.ts';
import {
  encodePart,
  jwkOf,
  signWithMac,
  newKey,
  openTestIssuer,
  signToken,
  type SigningKey,
} from '../support/test-issuer.ts';

/** The keys and claims that hostile tokens are made of. */
interface AttackContext {
  readonly es: SigningKey;
  readonly rs: SigningKey;
  /** `foreign`: a key of no trusted issuer. `other`: a key of another issuer that the realm also trusts. */
  readonly foreign: SigningKey;
  readonly other: SigningKey;
  readonly claims: (more?: object) => Record<string, unknown>;
}

type MakeToken = (workshop: AttackContext) => string;

const header = (key: SigningKey, more: object = {}) => ({ alg: key.alg, kid: key.kid, typ: 'JWT', ...more });
const pem = ({ publicKey }: SigningKey) => publicKey.export({ type: 'spki', format: 'pem' }).toString();
const der = ({ publicKey }: SigningKey) => publicKey.export({ type: 'spki', format: 'der' });
const withHeader =
  (more: object): MakeToken =>
  ({ es, claims }) =>
    signToken(es, claims(), header(es, more));
const withClaims =
  (more: object): MakeToken =>
  ({ es, claims }) =>
    signToken(es, claims(more));
/** Signs a payload that is given as raw text. */
const withRawPayload =
  (payload: (text: string) => string): MakeToken =>
  ({ es, claims }) =>
    signToken(es, payload(JSON.stringify(claims())));

/** Tokens that are made by hand, and the expected error description of each. */
const hostileTokens: { readonly [name: string]: readonly [make: MakeToken, expected: RegExp] } = {
  'alg none without a signature': [
    ({ claims }) => `${encodePart({ alg: 'none' })}.${encodePart(claims())}.`,
    /not a signed JWT/,
  ],
  'alg none with a signature': [
    ({ es, claims }) => signToken(es, claims(), { alg: 'none' }),
    /Its alg is not accepted/,
  ],
  'alg None in other letters': [
    ({ es, claims }) => signToken(es, claims(), { alg: 'nOnE' }),
    /Its alg is not accepted/,
  ],
  'no alg': [({ es, claims }) => signToken(es, claims(), { kid: es.kid }), /Its alg is not accepted/],
  'an alg that is a list': [withHeader({ alg: ['ES256'] }), /Its alg is not accepted/],
  'HS256 with the RSA public key, as PEM': [
    ({ rs, claims }) => signWithMac(pem(rs), claims(), { alg: 'HS256', kid: rs.kid }),
    /Its alg is not accepted/,
  ],
  'HS256 with the RSA public key, as DER': [
    ({ rs, claims }) => signWithMac(der(rs), claims(), { alg: 'HS256', kid: rs.kid }),
    /Its alg is not accepted/,
  ],
  'HS256 with the RSA public key, as JWK': [
    ({ rs, claims }) => signWithMac(JSON.stringify(jwkOf(rs)), claims(), { alg: 'HS256', kid: rs.kid }),
    /Its alg is not accepted/,
  ],
  'HS256 signed with nothing': [({ claims }) => signWithMac('', claims(), { alg: 'HS256' }), /Its alg is not accepted/],
  'the RSA public key as an HMAC secret under RS256': [
    ({ rs, claims }) => signWithMac(pem(rs), claims(), header(rs)),
    /not signed by a key/,
  ],
  'ES256 claimed for an RSA key': [
    ({ es, rs, claims }) => signToken(es, claims(), header(rs, { alg: 'ES256' })),
    /not signed by a key/,
  ],
  'RS256 claimed for an EC key': [
    ({ es, rs, claims }) => signToken(rs, claims(), header(es, { alg: 'RS256' })),
    /not signed by a key/,
  ],
  'an algorithm that the issuer does not list': [
    ({ rs, claims }) => signToken(rs, claims(), header(rs, { alg: 'PS256' })),
    /The token is signed with PS256; its issuer signs with RS256/,
  ],
  'ES256 with r and s of 0': [
    ({ es, claims }) => `${encodePart(header(es))}.${encodePart(claims())}.${Buffer.alloc(64).toString('base64url')}`,
    /not signed by a key/,
  ],
  'ES256 with a signature of nothing but ones': [
    ({ es, claims }) =>
      `${encodePart(header(es))}.${encodePart(claims())}.${Buffer.alloc(64, 255).toString('base64url')}`,
    /not signed by a key/,
  ],
  'an ECDSA signature as DER': [
    ({ es, claims }) => {
      const token = signToken(es, claims());
      const [head, body, signature = ''] = token.split('.');
      return `${head}.${body}.${Buffer.concat([Buffer.from([0x30, 0x44]), Buffer.from(signature, 'base64url')]).toString('base64url')}`;
    },
    /not signed by a key/,
  ],
  'a jwk in its header': [
    ({ foreign, claims }) => signToken(foreign, claims(), header(foreign, { jwk: jwkOf(foreign) })),
    /has jwk/,
  ],
  'a jwk of null in its header': [withHeader({ jwk: null }), /has jwk/],
  'a jku in its header': [withHeader({ jku: 'http://127.0.0.1:1/keys' }), /has jku/],
  'an x5u in its header': [withHeader({ x5u: 'http://127.0.0.1:1/cert' }), /has x5u/],
  'an x5c in its header': [withHeader({ x5c: ['MIIB'] }), /has x5c/],
  'a crit in its header': [withHeader({ crit: ['exp'], exp: 1 }), /has crit/],
  'a crit of b64': [withHeader({ crit: ['b64'], b64: false }), /has crit/],
  'a header that claims compression': [withHeader({ zip: 'DEF' }), /has zip/],
  'a header that claims encryption': [withHeader({ enc: 'A256GCM' }), /has enc/],
  'a kid that is a path': [withHeader({ kid: '../../../../dev/null' }), /not signed by a key/],
  'a kid that is a URL': [withHeader({ kid: 'http://127.0.0.1:1/keys#one' }), /not signed by a key/],
  'a kid that is SQL': [withHeader({ kid: "x' UNION SELECT 'k" }), /not signed by a key/],
  'a kid that every object has': [withHeader({ kid: '__proto__' }), /not signed by a key/],
  'a kid that is a number': [withHeader({ kid: 1 }), /Its kid is not a string/],
  'a kid of another issuer that is trusted': [({ other, claims }) => signToken(other, claims()), /not signed by a key/],
  'an unknown key under the right kid': [
    ({ foreign, es, claims }) => signToken(foreign, claims(), header(es)),
    /not signed by a key/,
  ],
  'a typ of another use': [withHeader({ typ: 'logout+jwt' }), /Its typ is not JWT/],
  'a typ that is not a string': [withHeader({ typ: ['JWT'] }), /Its typ is not JWT/],
  'no audience': [withClaims({ aud: undefined }), /aud is missing/],
  'an unknown audience': [withClaims({ aud: 'https://other.example' }), /No realm trusts/],
  'an audience in other letters': [withClaims({ aud: AUDIENCE.toUpperCase() }), /No realm trusts/],
  'an audience with more behind it': [withClaims({ aud: `${AUDIENCE}/` }), /No realm trusts/],
  'two audiences, ours first': [withClaims({ aud: [AUDIENCE, 'https://other.example'] }), /not exactly one string/],
  'two audiences, ours twice': [withClaims({ aud: [AUDIENCE, AUDIENCE] }), /not exactly one string/],
  'an audience in a list in a list': [withClaims({ aud: [[AUDIENCE]] }), /not exactly one string/],
  'an audience that is an object': [withClaims({ aud: { 0: AUDIENCE } }), /not exactly one string/],
  'no audience in the list': [withClaims({ aud: [] }), /not exactly one string/],
  'claims that name the audience twice': [
    withRawPayload((text) => text.replace('{', '{"aud":"https://other.example",')),
    /not a signed JWT/,
  ],
  'claims that name one twice deeper down': [
    withRawPayload((text) => text.replace('{', '{"job":{"ref":"main","ref":"other"},')),
    /not a signed JWT/,
  ],
  'a name that is the same by its escape': [
    withRawPayload((text) => text.replace('{', String.raw`{"\u0061ud":"https://other.example",`)),
    /not a signed JWT/,
  ],
  'a header that names the alg twice': [
    ({ es, claims }) => signToken(es, claims(), `{"alg":"none","alg":"ES256","kid":"${es.kid}"}`),
    /not a signed JWT/,
  ],
  'claims that are a list': [({ es, claims }) => signToken(es, [claims()]), /not a signed JWT/],
  'claims that are null': [({ es }) => signToken(es, 'null'), /not a signed JWT/],
  'claims that are not JSON': [({ es }) => signToken(es, '{iss:1}'), /not a signed JWT/],
  'claims that are not UTF-8': [
    ({ es }) => {
      const head = encodePart(header(es));
      return `${head}.${Buffer.from([0x7b, 0xff, 0x7d]).toString('base64url')}.AA`;
    },
    /not a signed JWT/,
  ],
  'more than 8,000 characters': [withClaims({ filler: 'x'.repeat(8_000) }), /at most 8000 are accepted/],
  'no signature': [({ es, claims }) => `${encodePart(header(es))}.${encodePart(claims())}`, /not a signed JWT/],
  'four parts': [({ es, claims }) => `${signToken(es, claims())}.AA`, /not a signed JWT/],
  'five parts, as a JWE has': [() => 'e30.AA.AA.AA.AA', /not a signed JWT/],
  'white space around it': [({ es, claims }) => ` ${signToken(es, claims())}\n`, /not a signed JWT/],
  'padding in its parts': [({ es, claims }) => signToken(es, claims()).replace('.', '=.'), /not a signed JWT/],
  'a jti that is a number': [withClaims({ jti: 7 }), /jti is not a string/],
  'a jti of nothing': [withClaims({ jti: '' }), /jti is not a string/],
  'a jti with a NUL in it': [withClaims({ jti: 'a\0b' }), /jti is not a string/],
  'an unknown issuer': [withClaims({ iss: 'https://issuer.example' }), /No realm trusts/],
  'an issuer with a slash behind it': [
    ({ es, claims }) => signToken(es, claims({ iss: `${String(claims()['iss'])}/` })),
    /No realm trusts/,
  ],
  'an issuer that is a list': [({ es, claims }) => signToken(es, claims({ iss: [claims()['iss']] })), /iss is missing/],
};

async function openAttackContext(): Promise<IssuerWorld & { workshop: AttackContext }> {
  const [es, rs, foreign, other] = [newKey('one'), newKey('two', 'RS256'), newKey('stranger'), newKey('three')];
  const issuer = await openTestIssuer([es, rs]);
  const another = await openTestIssuer([other]);
  const tokens = await openIssuerWorld({ issuer, issuers: allowLocalIssuers(issuer, another) });
  const { id } = (await tokens.world.mutate('trustIssuer', { realm: 'default', url: another.url }, 'issuer { id }'))
    .issuer;
  await tokens.addRule({ issuerId: id });
  expect((await tokens.exchange(signToken(es, tokens.claims()))).status).toBe(200);
  expect((await tokens.exchange(signToken(rs, tokens.claims()))).status).toBe(200);
  expect((await tokens.exchange(signToken(other, { ...tokens.claims(), iss: another.url }))).status).toBe(200);
  issuer.requestedPaths.length = 0;
  another.requestedPaths.length = 0;
  return { ...tokens, workshop: { es, rs, foreign, other, claims: tokens.claims } };
}

test(`hostile: none of ${Object.keys(hostileTokens).length} hand-made tokens is accepted, and none causes a fetch of keys`, async () => {
  const tokens = await openAttackContext();
  const { gateway, issuer, workshop } = tokens;
  expect(Object.keys(hostileTokens).length).toBeGreaterThanOrEqual(30);
  const before = await gateway.prisma.event.count();
  const made = new Map<string, string>();
  for (const [name, [make, expected]] of Object.entries(hostileTokens)) {
    const token = make(workshop);
    made.set(name, token);
    const { status, error, description } = await tokens.exchange(token);
    expect([name, status, error, description]).toEqual([name, 400, 'invalid_request', expect.stringMatching(expected)]);
  }
  expect([issuer.requestedPaths, await gateway.prisma.event.count()]).toEqual([[], before]);
  expect(new Set(made.values()).size).toBe(made.size);
  const text = gateway.logged.join('');
  for (const [name, token] of made) expect([name, text.includes(token.slice(-60))]).toEqual([name, false]);
});

test('hostile: tokens that need no keys to be refused are refused without a fetch of keys', async () => {
  const es = newKey('one');
  const issuer = await openTestIssuer([es]);
  const tokens = await openIssuerWorld({ issuer });
  const workshop = { es, rs: newKey('two', 'RS256'), foreign: newKey('x'), other: newKey('y'), claims: tokens.claims };
  const early = Object.entries(hostileTokens).filter(([, [, expected]]) => !/signed (by|with)/.test(expected.source));
  expect(early.length).toBeGreaterThanOrEqual(30);
  for (const [name, [make]] of early)
    expect([name, (await tokens.exchange(make(workshop))).status]).toEqual([name, 400]);
  expect(issuer.requestedPaths).toEqual([]);
});

test('hostile: a required claim that is missing or of a wrong type is refused', async () => {
  const tokens = await openIssuerWorld();
  const bent = [undefined, null, true, [], {}, '', ['x'], { exp: 9 }, Number.MAX_VALUE, -1, '9', 9.5];
  const names = ['iss', 'sub', 'aud', 'exp', 'iat', 'nbf', 'jti'];
  const taken: string[] = [];
  for (const name of names) {
    for (const value of bent) {
      tokens.gateway.clock.advance(MINUTE_MS);
      const { status } = await tokens.exchange(tokens.token({ [name]: value }));
      if (status === 200) taken.push(`${name} ${JSON.stringify(value)}`);
    }
  }
  // Accepted: an optional claim that is missing, any string where a string is expected, and an nbf in the past.
  expect(taken).toEqual(['sub "9"', 'nbf undefined', 'nbf 9.5', 'jti undefined', 'jti "9"']);
});

test('hostile: an issuer’s clock may differ by a minute, and no more', async () => {
  const tokens = await openIssuerWorld();
  const nowS = () => Math.floor(tokens.gateway.clock.now().getTime() / 1000);
  const cases: [object, boolean][] = [
    [{ exp: nowS() - 59 }, true],
    [{ exp: nowS() - 60 }, false],
    [{ iat: nowS() + 60, nbf: undefined }, true],
    [{ iat: nowS() + 61, nbf: undefined }, false],
    [{ nbf: nowS() + 60 }, true],
    [{ nbf: nowS() + 61 }, false],
    [{ iat: nowS() - DAY_MS / SECOND_MS, nbf: undefined }, true],
    [{ iat: nowS() - DAY_MS / SECOND_MS - 60, nbf: undefined }, false],
    [{ exp: nowS() + 10 * 365 * 24 * 3600 }, true],
  ];
  for (const [more, isTaken] of cases) {
    expect([more, (await tokens.exchange(tokens.token(more))).status === 200]).toEqual([more, isTaken]);
  }
});

test('hostile: another encoding of a signature does not make a used token usable again', async () => {
  const es = newKey('one');
  const issuer = await openTestIssuer([es]);
  const tokens = await openIssuerWorld({
    issuer,
    trust: { preset: null, keySet: { keys: [jwkOf(es)] }, url: 'https://agent.buildkite.com' },
    rule: { conditions: [{ claim: 'pipeline_id', equals: '1' }] },
  });
  await tokens.gateway.prisma.trustedIssuer.updateMany({ data: { preset: 'BUILDKITE' } });
  const token = tokens.token({ iss: 'https://agent.buildkite.com', pipeline_id: '1', jti: undefined }, es);
  expect((await tokens.exchange(token)).status).toBe(200);
  const [head, body, signature = ''] = token.split('.');
  const bytes = Buffer.from(signature, 'base64url');
  // ECDSA is malleable: if (r, s) is a valid signature, so is (r, n - s).
  const order = BigInt('0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551');
  const s = order - BigInt(`0x${bytes.subarray(32).toString('hex')}`);
  const twin = Buffer.concat([bytes.subarray(0, 32), Buffer.from(s.toString(16).padStart(64, '0'), 'hex')]);
  const again = await tokens.exchange(`${head}.${body}.${twin.toString('base64url')}`);
  expect(again.description).toContain('already exchanged');
});

test('hostile: an imported key set stores only public keys', async () => {
  const tokens = await openIssuerWorld();
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const whole = { ...privateKey.export({ format: 'jwk' }), kid: 'a' };
  const shared = { kty: 'oct', k: 'AAAA', kid: 'b' };
  const trusted = { realm: 'default', url: 'https://jenkins.example', keySet: { keys: [whole, shared] } };
  const { keySet } = (await tokens.world.mutate('trustIssuer', trusted, 'issuer { keySet }')).issuer;
  expect(keySet).toEqual({ keys: [{ kty: 'EC', kid: 'a', crv: 'P-256', x: whole.x, y: whole.y }] });
});
