import { expect, test } from 'vitest';
import { openLoggedInWorld } from '../support/command-world.ts';

test('realms: every realm is listed with its bounds and the actions that new keys can get', async () => {
  const { run, gateway } = await openLoggedInWorld();
  const { status, json } = await run(['realms', '--json']);
  expect([status, json.realms.length]).toEqual([0, 1]);
  expect(json.realms[0]).toMatchObject({ slug: 'default', shortestLifetime: 'P1D', longestLifetime: 'P365D' });
  expect(json.realms[0].actions).toContain('package:push');
  const admin = await gateway.admin();
  const retire = 'mutation ($input: RetireActionInput!) { retireAction(input: $input) { __typename } }';
  await gateway.ask(retire, { input: { realm: 'default', name: 'package:push' } }, admin);
  expect((await run(['realms', '--json'])).json.realms[0].actions).not.toContain('package:push');
  expect((await run(['realms', '--search', 'elsewhere'])).stdout).toBe('No realms match.\n');
  expect((await run(['realms'])).stdout).toMatch(/^REALM +NAME +LIFETIME +NOTICE +ACTIONS\ndefault /);
});

test('accounts, invite, disable: an administrator invites a person, finds the account and disables it', async () => {
  const { run, gateway, login, pia, read, rights } = await openLoggedInWorld();
  // Without the right, nothing is created and no file stays.
  const refused = await run(['invite', 'new@example.com', '--to', 'invitation']);
  expect([refused.status, refused.stderr]).toEqual([
    77,
    expect.stringContaining('Ask an administrator of the gateway.'),
  ]);
  expect(() => read('invitation')).toThrow('ENOENT');
  await login(await gateway.admin());
  const invited = await run(['invite', 'new@example.com', '--to', 'invitation', '--json']);
  expect([invited.status, Object.keys(invited.json)]).toEqual([0, ['email', 'expiresAt', 'tokenFile']]);
  expect(rights('invitation')).toBe('600');
  const token = read('invitation').trim();
  expect(invited.stdout + invited.stderr).not.toContain(token);
  const accept = 'mutation ($input: AcceptInvitationInput!) { acceptInvitation(input: $input) { __typename } }';
  const input = { token, name: 'New', password: 'a long enough passphrase' };
  expect((await gateway.ask(accept, { input })).data['acceptInvitation'].__typename).toBe('AcceptInvitationSuccess');
  const { json } = await run(['accounts', '--search', 'new@', '--json']);
  expect(json.accounts).toMatchObject([{ name: 'New', email: 'new@example.com', disabledAt: null }]);
  const [{ id }] = json.accounts;
  expect(await run(['disable', id])).toMatchObject({ status: 64, stderr: expect.stringContaining('--reason') });
  const disabled = await run(['disable', id, '--reason', 'left', '--json']);
  expect([disabled.status, disabled.json.account.id]).toEqual([0, id]);
  const listed = async (...words: string[]) =>
    (await run(['accounts', ...words, '--json'])).json.accounts.map((account: { id: string }) => account.id);
  expect(await listed('--disabled')).toEqual([id]);
  expect(await listed('--open')).not.toContain(id);
  expect(await listed()).toEqual(expect.arrayContaining([id, pia.id]));
  expect((await run(['accounts', '--disabled', '--open'])).status).toBe(64);
  expect((await run(['invite', 'x@example.com', '--role', 'member', '--show'])).status).toBe(64);
  expect((await run(['disable', 'account_none', '--reason', 'x'])).status).not.toBe(0);
});
