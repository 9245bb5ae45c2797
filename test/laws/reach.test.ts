import { expect, test } from 'vitest';
import { BEHIND_MS } from '../../src/keys/table/key-table.ts';
import { openGateway, type Gateway } from '../support/gateway.ts';
import { mutate, issue } from '../support/issue.ts';
import { ROTATE_KEY, VERIFY_KEY } from '../support/operations.ts';

const isLong = process.env['KEYTIDE_TEST_LONG'] !== undefined;

/** How many keys are made on one node and used on another at once. */
const MADE = isLong ? 10_000 : 60;
const AT_ONCE = 4;

async function outcome(gateway: Gateway, verifier: string, secret: string): Promise<string> {
  const { data } = await gateway.ask(VERIFY_KEY, { input: { secret } }, verifier);
  return data['verifyKey'].outcome;
}

test('reach: a key that was made on one node is good on another at once, each time', { timeout: 600_000 }, async () => {
  const near = await openGateway();
  const far = await openGateway({ database: near.database, clock: near.clock });
  const verifier = await issue(near, await near.admin(), { scopes: [{ action: 'keytide:verify', resource: '**' }] });
  const olga = await near.person('olga');
  const outcomes = new Map<string, number>();
  const work = async () => {
    for (let count = 0; count < MADE / AT_ONCE; count += 1) {
      const { secret } = await issue(near, olga.token);
      const found = await outcome(far, verifier.secret, secret);
      outcomes.set(found, (outcomes.get(found) ?? 0) + 1);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  expect([...outcomes]).toEqual([['VALID', MADE]]);
});

test('reach: what one node makes good is good on another at once, and what it ends is refused within 2 s, also where the log has not been read', async () => {
  const near = await openGateway();
  const far = await openGateway({ database: near.database, clock: near.clock });
  const verifier = await issue(near, await near.admin(), { scopes: [{ action: 'keytide:verify', resource: '**' }] });
  const olga = await near.person('olga');
  // Nobody tells the other node of anything: it answers from memory until it is behind.
  await near.prisma.$queryRaw`
    SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
    WHERE datname = current_database() AND query LIKE 'LISTEN%'`;
  const key = await issue(near, olga.token);
  const found = (secret: string) => outcome(far, verifier.secret, secret);
  const foundLater = (secret: string) => {
    near.clock.advance(BEHIND_MS + 1);
    return found(secret);
  };
  expect(await found(key.secret)).toBe('VALID');
  await mutate(near, olga.token, 'holdKey', { keyId: key.id, reason: 'looking' });
  expect(await foundLater(key.secret)).toBe('KEY_HELD');
  await mutate(near, olga.token, 'resumeKey', { keyId: key.id });
  expect(await found(key.secret)).toBe('VALID');
  const { data } = await near.ask(ROTATE_KEY, { input: { keyId: key.id } }, olga.token);
  const { secret } = data['rotateKey'];
  expect([await found(secret), await found(key.secret)]).toEqual(['VALID', 'VALID']);
  await mutate(near, olga.token, 'confirmRotation', { keyId: key.id });
  expect([await found(secret), await foundLater(key.secret)]).toEqual(['VALID', 'SECRET_RETIRED']);
  await mutate(near, olga.token, 'revokeKey', { keyId: key.id, reason: 'leaked' });
  expect([await foundLater(secret), await found(key.secret)]).toEqual(['KEY_REVOKED', 'KEY_REVOKED']);
  expect((await far.ask('{ viewer { __typename } }', {}, secret)).errors?.[0]?.extensions).toMatchObject({
    code: 'UNAUTHENTICATED',
    outcome: 'KEY_REVOKED',
  });
});
