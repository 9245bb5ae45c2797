import { expect, test } from 'vitest';
import { authenticate } from '../../src/accounts/authenticate.ts';
import { DAY_MS } from '../../src/domain/duration.ts';
import { newSecret } from '../../src/domain/secret.ts';
import { verifyKey } from '../../src/keys/verify.ts';
import { systemRandom } from '../../src/store/random.ts';
import { openGateway, type Gateway } from '../support/gateway.ts';
import { issue, mutate } from '../support/issue.ts';
import { ROTATE_KEY, VERIFY_KEY } from '../support/operations.ts';

const purpose = { action: 'package:push', resource: 'Acme.Core' };

async function openVerifiedGateway() {
  const gateway = await openGateway();
  const admin = await gateway.admin();
  const scopes = [{ action: 'keytide:verify', resource: '**' }];
  const { secret: verifier } = await issue(gateway, admin, { name: 'the API', scopes });
  return { gateway, admin, verifier };
}

async function post(
  { url }: Gateway,
  body: unknown,
  credential: string | null,
  headers: Record<string, string> = {},
): Promise<{ status: number; headers: Headers; body: any }> {
  const response = await fetch(`${url}/verify`, {
    method: 'POST',
    headers: {
      'Content-Type': 'application/json',
      ...(credential === null ? {} : { Authorization: `Bearer ${credential}` }),
      ...headers,
    },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  return { status: response.status, headers: response.headers, body: await response.json() };
}

test('POST /verify: white space around a secret is ignored, and nothing else', async () => {
  const { gateway, admin, verifier } = await openVerifiedGateway();
  const { secret } = await issue(gateway, admin);
  const outcomeFor = async (text: string) => (await post(gateway, { secret: text }, verifier)).body.outcome as unknown;
  const blank = ' '.repeat(300);
  expect(await outcomeFor(`${blank}${secret}${blank}`)).toBe('VALID');
  for (const text of [`${secret}${blank}x`, `x${blank}${secret}`, `${secret} x`]) {
    expect(await outcomeFor(text)).toBe('KEY_UNKNOWN');
  }
});

test('POST /verify: one secret gets the outcome, with what the API needs of the key', async () => {
  const { gateway, admin, verifier } = await openVerifiedGateway();
  const labels = [{ name: 'repo', value: 'the "core" of it \\' }];
  const { id, secret } = await issue(gateway, admin, { labels, lifetime: 'P30D' });
  const { id: ownerId } = await gateway.prisma.account.findFirstOrThrow();
  const answer = await post(
    gateway,
    { secret: `${secret}\n`, ...purpose, consumer: 'ci', address: '192.0.2.1' },
    verifier,
  );
  expect(answer.status).toBe(200);
  expect(answer.body).toEqual({
    outcome: 'VALID',
    message: 'The key is valid.',
    stopsAt: new Date(gateway.clock.now().getTime() + 30 * DAY_MS).toISOString(),
    renewalDue: false,
    scopeChecked: true,
    key: {
      id,
      realm: 'default',
      ownerId,
      subject: null,
      labels,
      scopes: [{ action: 'package:push', resource: 'Acme.*' }],
    },
    warnings: [],
    asOf: gateway.clock.now().toISOString(),
  });
  await gateway.services.uses.flush();
  const uses = await gateway.prisma.use.findMany({ where: { consumer: 'ci' } });
  expect(uses).toMatchObject([{ useCount: 1n }]);
});

test('POST /verify: it answers as verifyKey does, for a secret in every state, singly and in a batch', async () => {
  const { gateway, admin, verifier } = await openVerifiedGateway();
  const named: Record<string, { id: string; secret: string }> = {};
  for (const name of ['good', 'held', 'revoked', 'retired']) named[name] = await issue(gateway, admin, { name });
  const expired = await issue(gateway, admin, { lifetime: 'P1D' });
  await mutate(gateway, admin, 'holdKey', { keyId: named['held']!.id, reason: 'test' });
  await mutate(gateway, admin, 'revokeKey', { keyId: named['revoked']!.id, reason: 'test' });
  await gateway.ask(ROTATE_KEY, { input: { keyId: named['retired']!.id, gracePeriod: 'PT0S' } }, admin);
  await gateway.travel(DAY_MS);
  const secrets = [...Object.values(named), expired].map(({ secret }) => secret);
  const items = [...secrets, newSecret(systemRandom).reveal(), 'password', ''].flatMap((secret) => [
    { secret },
    { secret, ...purpose },
    { secret, action: 'package:push', resource: 'Other.Core' },
  ]);
  const batch = await post(gateway, { items }, verifier);
  expect(batch.status).toBe(200);
  const outcomes = new Set<string>();
  for (const [index, input] of items.entries()) {
    const single = await post(gateway, input, verifier);
    const { data } = await gateway.ask(VERIFY_KEY, { input }, verifier);
    const { asOf, warnings, key, ...answer } = single.body;
    expect({ ...answer, key: key && { ...key, subject: undefined } }).toEqual(data['verifyKey']);
    expect(batch.body.items[index]).toEqual({ ...single.body, asOf: batch.body.items[index].asOf });
    outcomes.add(answer.outcome);
    expect([asOf, warnings]).toEqual([gateway.clock.now().toISOString(), []]);
  }
  expect([...outcomes].toSorted()).toEqual(
    ['KEY_EXPIRED', 'KEY_HELD', 'KEY_REVOKED', 'KEY_UNKNOWN', 'SCOPE_MISSING', 'SECRET_RETIRED', 'VALID'].toSorted(),
  );
});

test('POST /verify: it refuses who may not ask, and what it cannot read, with the status of the reason', async () => {
  const { gateway, admin, verifier } = await openVerifiedGateway();
  const { secret } = await issue(gateway, admin);
  const many = Array.from({ length: 101 }, () => ({ secret }));
  const refused: [unknown, string | null, number, Record<string, string>?][] = [
    [{ secret }, null, 401],
    [{ secret }, 'kt_nothing', 401],
    [{ secret }, secret, 403],
    ['{', verifier, 400],
    ['[]', verifier, 400],
    [{}, verifier, 400],
    [{ secret: 1 }, verifier, 400],
    [{ secret, action: 'a' }, verifier, 400],
    [{ secret, ...purpose, consumer: 'c'.repeat(201) }, verifier, 400],
    [{ secret, address: 'localhost' }, verifier, 400],
    [{ secret, other: 1 }, verifier, 400],
    [{ items: [] }, verifier, 400],
    [{ items: many }, verifier, 400],
    [{ items: [secret] }, verifier, 400],
    [{ items: [{ secret }], secret }, verifier, 400],
    [{ secret }, verifier, 415, { 'Content-Type': 'text/plain' }],
    [{ secret: 'x'.repeat(1_000_001) }, verifier, 413],
  ];
  for (const [body, credential, status, headers] of refused) {
    const answer = await post(gateway, body, credential, headers);
    expect([answer.status, answer.body.detail], JSON.stringify(body).slice(0, 80)).toEqual([
      status,
      expect.any(String),
    ]);
    expect(JSON.stringify(answer.body)).not.toContain(secret);
    expect(answer.headers.get('www-authenticate') !== null).toBe(status === 401);
  }
  expect((await fetch(`${gateway.url}/verify`)).status).toBe(405);
  const good = await post(gateway, { items: many.slice(1) }, verifier);
  expect(good.body.items.map(({ outcome }: { outcome: string }) => outcome)).toEqual(Array(100).fill('VALID'));
});

test('POST /verify: what one node changes, another refuses at its next answer, from memory', async () => {
  const { gateway, admin, verifier } = await openVerifiedGateway();
  const other = await openGateway({ database: gateway.database, clock: gateway.clock });
  const { id, secret } = await issue(gateway, admin);
  const outcome = async (node: Gateway) => (await post(node, { secret }, verifier)).body.outcome;
  for (const node of [gateway, other, gateway, other]) expect(await outcome(node)).toBe('VALID');
  expect(other.services.keyTable.size).toBe(2);
  await mutate(gateway, admin, 'holdKey', { keyId: id, reason: 'test' });
  expect(await outcome(gateway)).toBe('KEY_HELD');
  await other.services.follower.catchUp();
  expect(await outcome(other)).toBe('KEY_HELD');
  // A refusal is given only after the node knows that nobody has lifted its cause.
  await mutate(gateway, admin, 'resumeKey', { keyId: id });
  expect(await outcome(other)).toBe('VALID');
});

test('verify: what memory may answer is answered in the same turn, by the decision that also waits for the database', async () => {
  const { gateway, admin, verifier } = await openVerifiedGateway();
  const { services } = gateway;
  const { id, secret } = await issue(gateway, admin);
  const { caller } = await authenticate(services, `Bearer ${verifier}`, '127.0.0.1');
  const verify = () => verifyKey(services, caller, { secret, purpose, consumer: null });
  const signIn = () => authenticate(services, `Bearer ${secret}`, '127.0.0.1');
  services.keyTable.clear(); // ends the loading at start as well
  const unread = verify();
  expect(unread).toBeInstanceOf(Promise);
  expect(verify()).toBeInstanceOf(Promise);
  expect(await unread).toMatchObject({ outcome: 'VALID', key: { id } });
  // A review in the background may have the key read again.
  await expect.poll(verify).toMatchObject({ outcome: 'VALID', key: { id } });
  await expect.poll(() => verify() instanceof Promise).toBe(false);
  expect(verify()).toMatchObject({ outcome: 'VALID', key: { id } });
  expect(signIn()).toMatchObject({ caller: { kind: 'KEY', id } });
  await mutate(gateway, admin, 'holdKey', { keyId: id, reason: 'test' });
  // Another node may have lifted a refusal: it is given only after the node has asked.
  for (let round = 0; round < 2; round += 1) {
    const refused = verify();
    expect(refused).toBeInstanceOf(Promise);
    expect(await refused).toMatchObject({ outcome: 'KEY_HELD' });
    await expect(signIn()).rejects.toMatchObject({ details: { outcome: 'KEY_HELD' } });
  }
});
