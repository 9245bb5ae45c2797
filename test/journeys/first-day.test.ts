import { expect, test } from 'vitest';
import { openGateway } from '../support/gateway.ts';
import { ISSUE_KEY, VERIFY_KEY } from '../support/operations.ts';

test('a key is issued, verified and expires on the minute', async () => {
  const gateway = await openGateway();
  const admin = await gateway.admin();
  const issued = await gateway.ask(
    ISSUE_KEY,
    {
      input: {
        realm: 'default',
        name: 'ci',
        lifetime: 'P90D',
        scopes: [{ action: 'package:push', resource: 'Acme.*' }],
      },
    },
    admin,
  );
  const { secret, key } = issued.data['issueKey'];
  expect(key.stopsAt).toBe('2027-02-21T12:00:00.000Z');
  const verified = await gateway.ask(
    VERIFY_KEY,
    { input: { secret, action: 'package:push', resource: 'Acme.Core' } },
    admin,
  );
  expect(verified.data['verifyKey']).toMatchObject({ outcome: 'VALID', scopeChecked: true });
});
