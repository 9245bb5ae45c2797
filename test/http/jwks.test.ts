import { createServer } from 'node:http';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import request from 'supertest';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { SessionTokens } from '../../src/accounts/session-tokens.ts';
import { SigningKeys } from '../../src/accounts/signing-keys.ts';
import { jwksHandler } from '../../src/http/jwks.ts';
import { listen } from '../../src/http/listen.ts';
import { openStore, type Store } from '../../src/store/prisma.ts';
import { systemRandom } from '../../src/store/random.ts';
import { Sealer } from '../../src/store/sealing.ts';
import { ManualClock } from '../support/clock.ts';
import { freshDatabase } from '../support/database.ts';
import { startServer } from '../support/http-server.ts';

let store: Store;

beforeAll(async () => {
  store = openStore(await freshDatabase(), { poolSize: 2, log: { info() {}, warn() {} } });
});

afterAll(() => store.close());

test('jwks: a standard client verifies a session token with the key set', async () => {
  const clock = new ManualClock();
  const sealer = new Sealer(new Uint8Array(32).fill(1), systemRandom);
  const signingKeys = new SigningKeys({ prisma: store.prisma, clock, random: systemRandom, sealer });
  const { url } = await startServer({
    '/.well-known/jwks.json': { methods: ['GET'], handle: jwksHandler(signingKeys) },
  });
  const { token } = await new SessionTokens({ signingKeys, clock, issuer: url }).sign({
    accountId: 'a',
    sessionId: 's',
  });
  const keySet = createRemoteJWKSet(new URL(`${url}/.well-known/jwks.json`));
  const { payload } = await jwtVerify(token, keySet, { issuer: url, audience: 'keytide', currentDate: clock.now() });
  expect(payload).toMatchObject({ sub: 'a', sid: 's' });

  const answer = await request(url).get('/.well-known/jwks.json');
  expect(answer.headers).toMatchObject({
    'content-type': 'application/jwk-set+json; charset=utf-8',
    'cache-control': 'public, max-age=300',
    'access-control-allow-origin': '*',
  });
  const { keys } = JSON.parse(answer.text) as { keys: object[] };
  expect(keys.map((key) => Object.keys(key).sort())).toEqual([['alg', 'crv', 'kid', 'kty', 'use', 'x']]);
});

test('listen: port 0 gives a free port, and a port in use rejects', async () => {
  const [one, two] = [createServer(), createServer()];
  onTestFinished(() => void one.close());
  const port = await listen(one, '127.0.0.1', 0);
  expect(port).toBeGreaterThan(0);
  await expect(listen(two, '127.0.0.1', port)).rejects.toMatchObject({ code: 'EADDRINUSE' });
});
