import { createHmac } from 'node:crypto';
import { SignJWT } from 'jose';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { SESSION_LIFETIME_MS, SessionTokens } from '../../src/accounts/session-tokens.ts';
import { SigningKeys } from '../../src/accounts/signing-keys.ts';
import { openStore, type Store } from '../../src/store/prisma.ts';
import { systemRandom } from '../../src/store/random.ts';
import { Sealer } from '../../src/store/sealing.ts';
import { ManualClock } from '../support/clock.ts';
import { freshDatabase } from '../support/database.ts';

const issuer = 'https://keys.example';
const ada = { accountId: 'account_ada', sessionId: 'session_one' };
const type = 'keytide-session+jwt';

let store: Store;
let signingKeys: SigningKeys;

/** Tokens as a node sees them whose clock is that many milliseconds from the others'. */
function tokensAt(offsetMs: number, at = issuer): { tokens: SessionTokens; clock: ManualClock } {
  const clock = new ManualClock(new Date(Date.parse('2026-11-23T12:00:00.250Z') + offsetMs));
  return { tokens: new SessionTokens({ signingKeys, clock, issuer: at }), clock };
}

function segment(value: unknown): string {
  return Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
}

beforeAll(async () => {
  store = openStore(await freshDatabase(), { poolSize: 2, log: { info() {}, warn() {} } });
  const sealer = new Sealer(new Uint8Array(32).fill(1), systemRandom);
  signingKeys = new SigningKeys({ prisma: store.prisma, clock: new ManualClock(), random: systemRandom, sealer });
});

afterAll(() => store.close());

test('session tokens: a token holds the account, the session and its times, and nothing else', async () => {
  const { tokens } = tokensAt(0);
  const { token, ...claims } = await tokens.sign(ada);
  const issuedAt = new Date('2026-11-23T12:00:00.000Z');
  const expiresAt = new Date('2026-11-24T00:00:00.000Z');
  expect(claims).toEqual({ ...ada, issuedAt, expiresAt });
  expect(await tokens.verify(token)).toEqual({ ...ada, issuedAt, expiresAt });
  const [header, payload] = token
    .split('.')
    .slice(0, 2)
    .map((part) => JSON.parse(Buffer.from(part, 'base64url').toString()));
  expect(header).toEqual({ alg: 'EdDSA', typ: type, kid: (await signingKeys.current()).id });
  expect(payload).toEqual({
    iss: issuer,
    aud: 'keytide',
    sub: ada.accountId,
    sid: ada.sessionId,
    iat: issuedAt.getTime() / 1000,
    exp: expiresAt.getTime() / 1000,
  });
});

test('session tokens: a token expires at its end, not a millisecond before', async () => {
  const { tokens, clock } = tokensAt(0);
  const { token, expiresAt } = await tokens.sign(ada);
  clock.travelTo(new Date(expiresAt.getTime() - 1));
  expect(await tokens.verify(token)).not.toBeNull();
  clock.advance(1);
  expect(await tokens.verify(token)).toBeNull();
});

test('session tokens: a node whose clock is a little behind accepts what was just signed, one that is far behind does not', async () => {
  const { token } = await tokensAt(0).tokens.sign(ada);
  expect(await tokensAt(-30_000).tokens.verify(token)).not.toBeNull();
  expect(await tokensAt(-61_000).tokens.verify(token)).toBeNull();
});

test('session tokens: a token of another gateway is refused', async () => {
  const { token } = await tokensAt(0).tokens.sign(ada);
  expect(await tokensAt(0, 'https://other.example').tokens.verify(token)).toBeNull();
});

test('session tokens: a token with any changed character is refused', async () => {
  const { tokens } = tokensAt(0);
  const { token } = await tokens.sign(ada);
  for (let index = 0; index < token.length; index += 7) {
    const other = token[index] === 'A' ? 'Q' : 'A';
    expect(await tokens.verify(token.slice(0, index) + other + token.slice(index + 1))).toBeNull();
    expect(await tokens.verify(token.slice(0, index))).toBeNull();
  }
});

test('session tokens: a wrong header or claim is refused, even with a valid signature', async () => {
  const { tokens, clock } = tokensAt(0);
  const { id: kid, privateKey } = await signingKeys.current();
  const now = Math.floor(clock.now().getTime() / 1000);
  const header = { alg: 'EdDSA', typ: type, kid };
  const claims = { iss: issuer, aud: 'keytide', sub: 'account_a', sid: 'session_a', iat: now, exp: now + 60 };
  const made = (bentHeader: object, bentClaims: object) =>
    new SignJWT(bentClaims as Record<string, unknown>)
      .setProtectedHeader({ ...header, ...bentHeader } as typeof header)
      .sign(privateKey);
  expect(await tokens.verify(await made({}, claims))).not.toBeNull();

  const bentHeaders = [
    { typ: 'JWT' },
    { typ: 'at+jwt' },
    { typ: undefined },
    { typ: `application/${type}` },
    { kid: undefined },
    { kid: 'unknown' },
    { kid: `../${kid}` },
    { kid: [kid] },
    { jku: 'http://127.0.0.1/keys' },
    { jwk: { kty: 'OKP', crv: 'Ed25519', x: 'a' } },
    { x5u: 'http://127.0.0.1/cert' },
    { cty: 'JWT' },
  ];
  for (const bent of bentHeaders)
    expect(await tokens.verify(await made(bent, claims)), JSON.stringify(bent)).toBeNull();

  const bentClaims = [
    ...Object.keys(claims).map((name) => ({ [name]: undefined })),
    ...Object.keys(claims).map((name) => ({ [name]: null })),
    { iss: 'https://evil.example' },
    { iss: [issuer] },
    { aud: 'other' },
    { aud: ['keytide', 'other'] },
    { aud: ['keytide'] },
    { sub: 1 },
    { sid: {} },
    { exp: String(now + 60) },
    { exp: now },
    { exp: now + 60.5 },
    { exp: now + SESSION_LIFETIME_MS / 1000 + 1 },
    { exp: 1e300 },
    { iat: now + 61 },
    { iat: String(now) },
    { nbf: now + 10 },
  ];
  for (const bent of bentClaims) {
    expect(await tokens.verify(await made({}, { ...claims, ...bent })), JSON.stringify(bent)).toBeNull();
  }
});

test('session tokens: a token not signed by the key that it names is refused, whatever its algorithm', async () => {
  const { tokens } = tokensAt(0);
  const { token } = await tokens.sign(ada);
  const [head = '', payload = '', signature = ''] = token.split('.');
  const header = JSON.parse(Buffer.from(head, 'base64url').toString()) as Record<string, unknown>;
  const publicKey = (await signingKeys.find(String(header['kid'])))!;
  const spki = publicKey.export({ format: 'pem', type: 'spki' });
  const withAlgorithm = (alg: string) => `${segment({ ...header, alg })}.${payload}`;
  const hmac = createHmac('sha256', spki).update(withAlgorithm('HS256')).digest('base64url');
  const forged = [
    `${withAlgorithm('none')}.`,
    `${withAlgorithm('none')}.${signature}`,
    `${withAlgorithm('HS256')}.${hmac}`,
    `${withAlgorithm('Ed25519')}.${signature}`,
    `${withAlgorithm('eddsa')}.${signature}`,
    `${segment({ ...header, crit: ['b64'], b64: false })}.${payload}.${signature}`,
    `${head}.${payload}.`,
    `${head}.${payload}.${segment('')}AA`,
    `${head}.${payload}.${Buffer.alloc(64).toString('base64url')}`,
    `${head}.${payload}.${signature}.${signature}`,
    `${segment('[]')}.${payload}.${signature}`,
    `${segment('null')}.${payload}.${signature}`,
    `${segment('{')}.${payload}.${signature}`,
    '',
    '..',
    'a.b.c',
    `${token} `,
    `${token}\n`,
    'x'.repeat(1_000_000),
    `${head}.${segment({ pad: 'x'.repeat(5000) })}.${signature}`,
  ];
  for (const text of forged) expect(await tokens.verify(text), text.slice(0, 80)).toBeNull();
  expect(await tokens.verify(token)).not.toBeNull();
});
