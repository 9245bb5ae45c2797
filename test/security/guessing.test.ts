import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { rateLimits } from '../../src/accounts/rate-limits.ts';
import { MINUTE_MS } from '../../src/domain/duration.ts';
import { newSecret } from '../../src/domain/secret.ts';
import { TrustedProxies } from '../../src/http/client-address.ts';
import { systemRandom } from '../../src/store/random.ts';
import { freshDatabase } from '../support/database.ts';
import { type Gateway, openGateway } from '../support/gateway.ts';
import { askAt, type GatewayProcess, startGateway } from '../support/gateway-process.ts';
import { ISSUE_KEY, VERIFY_KEY } from '../support/operations.ts';
import { scratchFolder } from '../support/scratch-folder.ts';

const isLong = Boolean(process.env['KEYTIDE_TEST_LONG']);
const password = 'a good long password';
const proxies = new TrustedProxies([{ address: '127.0.0.1', prefix: 32, family: 'ipv4' }]);
const SIGN_IN =
  'mutation ($input: SignInInput!) { signIn(input: $input) { __typename ... on SignInSuccess { token } } }';
const REVOKE = 'mutation ($input: RevokeKeyInput!) { revokeKey(input: $input) { __typename } }';
const VIEWER = '{ viewer { __typename } }';

const unknownSecret = () => newSecret(systemRandom).reveal();

/** What a caller at an address gets when it shows a credential: the type of itself, or a code. */
async function askFrom(gateway: Gateway, address: string, credential: string): Promise<string> {
  const answer = await gateway.ask(VIEWER, {}, credential, { 'X-Forwarded-For': address });
  return answer.errors?.[0]?.extensions['code'] ?? answer.data['viewer'].__typename;
}

test('guessing: an address is rate limited after a hundred unknown keys in a minute, but its valid keys are not', async () => {
  const gateway = await openGateway({ proxies });
  const input = { realm: 'default', name: 'known', scopes: [{ action: 'package:push', resource: '**' }] };
  const issued = await gateway.ask(ISSUE_KEY, { input }, await gateway.admin());
  const { secret } = issued.data['issueKey'];
  const { limit } = rateLimits.unknownKeyByAddress;
  for (let guess = 0; guess < limit; guess += 1) {
    expect(await askFrom(gateway, '192.0.2.1', unknownSecret())).toBe('UNAUTHENTICATED');
  }
  const refused = await gateway.ask(VIEWER, {}, unknownSecret(), { 'X-Forwarded-For': '192.0.2.1' });
  expect(refused.status).toBe(429);
  expect(refused.errors?.[0]?.extensions).toMatchObject({ code: 'RATE_LIMITED', retryAfter: 60 });
  expect(refused.headers.get('retry-after')).toBe('60');
  expect(await askFrom(gateway, '192.0.2.1', secret.slice(0, -1))).toBe('RATE_LIMITED');
  // Behind one address are many: what one of them tries stops no job of another.
  expect(await askFrom(gateway, '192.0.2.1', secret)).toBe('Key');
  expect(await askFrom(gateway, '192.0.2.2', unknownSecret())).toBe('UNAUTHENTICATED');
  expect(await askFrom(gateway, '192.0.2.2', secret)).toBe('Key');
  expect(await askFrom(gateway, '192.0.2.1', await gateway.admin())).toBe('Account');
  gateway.clock.advance(MINUTE_MS);
  expect(await askFrom(gateway, '192.0.2.1', unknownSecret())).toBe('UNAUTHENTICATED');
});

test('guessing: revocation by unknown secrets is rate limited and writes nothing; a valid secret revokes its key', async () => {
  const gateway = await openGateway({ proxies });
  const input = { realm: 'default', name: 'found', scopes: [{ action: 'package:push', resource: '**' }] };
  const { secret } = (await gateway.ask(ISSUE_KEY, { input }, await gateway.admin())).data['issueKey'];
  const revoke = async (text: string) => {
    const headers = { 'X-Forwarded-For': '192.0.2.1' };
    const variables = { input: { secret: text, reason: 'found', idempotencyKey: text } };
    const answer = await gateway.ask(REVOKE, variables, null, headers);
    return (answer.errors?.[0]?.extensions['code'] ?? answer.data['revokeKey'].__typename) as string;
  };
  const { limit } = rateLimits.unknownKeyByAddress;
  for (let guess = 0; guess < limit; guess += 1) {
    expect(await revoke(guess % 2 === 0 ? unknownSecret() : `kt_${guess}`)).toBe('KeyNotFound');
  }
  const answersKept = await gateway.prisma.idempotencyRecord.count();
  expect(await revoke(unknownSecret())).toBe('RATE_LIMITED');
  expect(await revoke('kt_')).toBe('RATE_LIMITED');
  expect(await gateway.prisma.idempotencyRecord.count()).toBe(answersKept);
  expect(await revoke(secret)).toBe('RevokeKeySuccess');
});

test('guessing: malformed secrets count too, and a verifier is not limited for secrets that others send it', async () => {
  const gateway = await openGateway({ proxies });
  const admin = await gateway.admin();
  const { limit } = rateLimits.unknownKeyByAddress;
  const verify = async () => {
    const answer = await gateway.ask(VERIFY_KEY, { input: { secret: unknownSecret() } }, admin, {
      'X-Forwarded-For': '192.0.2.1',
    });
    return answer.data['verifyKey'].outcome as string;
  };
  for (let guess = 0; guess < limit; guess += 1) {
    expect(await verify()).toBe('KEY_UNKNOWN');
    expect(await askFrom(gateway, '192.0.2.1', `kt_${guess}`)).toBe('UNAUTHENTICATED');
  }
  expect(await verify()).toBe('KEY_UNKNOWN');
  expect(await askFrom(gateway, '192.0.2.1', 'kt_')).toBe('RATE_LIMITED');
});

/** The most memory that a process has had, in MiB, since it was last asked to begin anew. */
function peakMemory({ id }: GatewayProcess): number {
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${id}/status`, 'utf8'))?.[1]) / 1024;
}

function percentile(times: readonly number[], share: number): number {
  return [...times].sort((a, b) => a - b)[Math.floor(times.length * share)]!;
}

test(
  'guessing: 500 concurrent sign-ins use bounded memory, none causes an internal error, and keys are verified meanwhile',
  {
    timeout: 120_000,
  },
  async () => {
    const gateway = await startGateway(scratchFolder(), {
      DATABASE_URL: await freshDatabase(),
      KEYTIDE_SEALING_KEY: randomBytes(32).toString('base64'),
      KEYTIDE_ADMIN_PASSWORD: password,
      KEYTIDE_TRUSTED_PROXIES: '127.0.0.1',
      KEYTIDE_LOG_LEVEL: 'warn',
    });
    const signedIn = await askAt(gateway.url, SIGN_IN, { input: { email: 'admin@localhost', password } });
    const { token } = signedIn.data['signIn'];
    const input = { realm: 'default', name: 'verified', scopes: [{ action: 'package:push', resource: '**' }] };
    const { secret } = (await askAt(gateway.url, ISSUE_KEY, { input }, token)).data['issueKey'];
    const verify = async () => {
      const beganAtMs = performance.now();
      const answer = await askAt(gateway.url, VERIFY_KEY, { input: { secret } }, token);
      expect(answer.data['verifyKey'].outcome).toBe('VALID');
      return performance.now() - beganAtMs;
    };
    const quiet: number[] = [];
    for (let index = 0; index < 300; index += 1) quiet.push(await verify());
    // As many requests at once as there will be, so that what grows afterwards grows by the hashing.
    await Promise.all(Array.from({ length: 500 }, verify));

    const before = peakMemory(gateway);
    const over = new AbortController();
    const flood = Promise.all(
      Array.from({ length: 500 }, async (_, index) => {
        const response = await fetch(`${gateway.url}/graphql`, {
          method: 'POST',
          headers: { 'Content-Type': 'application/json', 'X-Forwarded-For': `198.51.${index >> 8}.${index & 255}` },
          body: JSON.stringify({
            query: SIGN_IN,
            variables: { input: { email: `guess-${index}@example.com`, password } },
          }),
        });
        const { data, errors } = (await response.json()) as { data?: any; errors?: any[] };
        return `${response.status} ${errors?.[0]?.extensions.code ?? data.signIn.__typename}`;
      }),
    ).finally(() => over.abort());
    const busy: number[] = [];
    while (!over.signal.aborted) busy.push(await verify());
    const answers = await flood;

    // Two passwords are hashed at a time and 32 wait; the other requests get RATE_LIMITED.
    expect(new Set(answers)).toEqual(new Set(['200 InvalidCredentials', '429 RATE_LIMITED']));
    expect(answers.filter((answer) => answer.startsWith('200')).length).toBeGreaterThanOrEqual(34);
    expect(busy.length).toBeGreaterThan(0);
    const grown = peakMemory(gateway) - before;
    expect(grown).toBeLessThan(2 * 19 + 64);
    expect(gateway.written().stdout).not.toContain('"level":"error"');
    if (!isLong) return;
    expect(percentile(busy, 0.99)).toBeLessThan(5 * percentile(quiet, 0.99));
  },
);
