import { expect, test } from 'vitest';
import { openGateway } from '../support/gateway.ts';
import { issue, mutate } from '../support/issue.ts';
import { VERIFY_KEY } from '../support/operations.ts';

test('held: the holder of the secret is told who can resume the key, by verifyKey and as a caller', async () => {
  const gateway = await openGateway();
  const admin = await gateway.admin();
  const olga = await gateway.person('olga');
  const messages = async (by: string) => {
    const { id, secret } = await issue(gateway, olga.token);
    await mutate(gateway, by, 'holdKey', { keyId: id, reason: 'looking' });
    const { data } = await gateway.ask(VERIFY_KEY, { input: { secret } }, admin);
    const called = await gateway.ask('{ viewer { __typename } }', {}, secret);
    expect([data['verifyKey'].outcome, called.status]).toEqual(['KEY_HELD', 401]);
    return [data['verifyKey'].message, called.errors?.[0]?.message];
  };
  const byAdministrator = 'An administrator holds the key. Only an administrator can resume it: ask one.';
  expect(await messages(admin)).toEqual([byAdministrator, byAdministrator]);
  const byOwner = 'The key is held. Its owner can see why and resume it.';
  expect(await messages(olga.token)).toEqual([byOwner, byOwner]);
});
