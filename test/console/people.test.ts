import { expect, test } from 'vitest';
import { expectAccessible, forms, keepPicture, openConsoleWorld } from '../support/browser.ts';
import { ADMIN } from '../support/first-node.ts';
import { mutationQuery } from '../support/mutation-query.ts';
import type { Gateway } from '../support/gateway.ts';

const hostile = '<img src=x onerror=alert(1)> & "Co"';

async function change(gateway: Gateway, name: string, input: object, selection: string, token?: string) {
  const { data, errors } = await gateway.ask(
    mutationQuery(name, selection),
    { input },
    token ?? (await gateway.admin()),
  );
  expect(errors).toBeUndefined();
  return data[name];
}

const isSignedIn = async (gateway: Gateway, token: string) =>
  (await gateway.ask('{ viewer { __typename } }', {}, token)).errors === undefined;

test('console people: an administrator disables and enables a person, gives and takes the right, and ends sessions', async () => {
  const { gateway, open } = await openConsoleWorld();
  const pia = await gateway.person('pia');
  const { page, faults } = await open('/people');
  await page.getByRole('searchbox', { name: 'Name or email', exact: true }).fill('pia@');
  await page.getByRole('link', { name: 'pia', exact: true }).press('Enter');
  await page.getByRole('heading', { name: 'pia', exact: true }).waitFor();
  await page.getByRole('button', { name: /^End the session of/ }).press('Enter');
  await page.getByText('Nowhere.', { exact: true }).waitFor();
  expect(await isSignedIn(gateway, pia.token)).toBe(false);

  const own = await open('/realms', { credentials: { email: 'pia@example.com', password: 'the password of pia' } });
  await own.page.getByRole('link', { name: 'Default', exact: true }).waitFor();
  const offered = own.page.getByRole('link', { name: 'Make a realm', exact: true });
  expect(await offered.count()).toBe(0);
  await page.getByRole('button', { name: 'Make an administrator', exact: true }).click();
  await page.getByRole('textbox', { name: 'Why', exact: true }).fill('Helps out.');
  await page.keyboard.press('Enter');
  await page.getByRole('dialog', { name: 'Enter your password again', exact: true }).waitFor();
  await page.keyboard.type(ADMIN.password);
  await page.keyboard.press('Enter');
  await page.getByText('yes: of all realms, people and keys', { exact: true }).waitFor();
  // The open page of the person offers it at once.
  await offered.waitFor();
  await page.getByRole('button', { name: 'Take the administrator’s right', exact: true }).click();
  await page.getByRole('textbox', { name: 'Why', exact: true }).fill('No longer.');
  await page.getByRole('button', { name: 'Take the right', exact: true }).click();
  await page.getByText('no', { exact: true }).waitFor();
  await offered.waitFor({ state: 'hidden' });

  await page.getByRole('button', { name: 'Disable', exact: true }).press('Enter');
  await page.getByRole('textbox', { name: 'Why', exact: true }).fill('Has left.');
  await page.keyboard.press('Enter');
  await page.getByText('Disabled', { exact: true }).waitFor();
  await page.getByRole('button', { name: 'Enable', exact: true }).press('Enter');
  await page.getByRole('textbox', { name: 'Why', exact: true }).fill('Is back.');
  await page.keyboard.press('Enter');
  await page.getByText('Can sign in', { exact: true }).waitFor();
  const account = await gateway.prisma.account.findUniqueOrThrow({ where: { id: pia.id } });
  expect(account).toMatchObject({ disabledAt: null, isAdministrator: false });
  expect(faults.filter((fault) => !fault.includes('status of 403'))).toEqual([]);
});

test('console people: an invitation is taken back, and its link then leads nowhere; hostile names are text', async () => {
  const { gateway, open } = await openConsoleWorld();
  const { organization } = await change(gateway, 'createOrganization', { name: hostile }, 'organization { id }');
  const email = 'nia@example.com';
  const input = { email, organization: organization.id, role: 'MEMBER' };
  const { token } = await change(gateway, 'inviteAccount', input, 'token');
  gateway.clock.advance(1_000);
  const { page, faults } = await open('/people');
  await page.getByText(`MEMBER of ${hostile}`, { exact: true }).waitFor();
  await page.getByRole('button', { name: `Take back the invitation of ${email}`, exact: true }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Take back', exact: true }).click();
  await page.getByText(email, { exact: true }).waitFor({ state: 'hidden' });
  const guest = await open(`/invitation#${token}`, { credentials: null });
  await guest.page.getByRole('textbox', { name: 'Name', exact: true }).fill('Nia');
  await guest.page.getByLabel('Password', { exact: true }).fill('the password of nia');
  await guest.page.keyboard.press('Enter');
  await guest.page.getByText('No open invitation has this token.').waitFor();
  await expectAccessible(guest.page);
  await keepPicture(guest.page, 'invitation');
  expect([...faults, ...guest.faults]).toEqual([]);
});

test('console organizations: a person makes one, invites another, who joins; roles change, and members go', async () => {
  const { gateway, open } = await openConsoleWorld();
  const mia = await gateway.person('mia');
  await gateway.person('pia');
  const { page, faults } = await open('/organizations', {
    credentials: { email: 'pia@example.com', password: 'the password of pia' },
  });
  await page.getByText('There is no organization yet.', { exact: true }).waitFor();
  await page.getByRole('button', { name: 'Make an organization', exact: true }).press('Enter');
  await page.getByRole('textbox', { name: 'Name', exact: true }).last().fill(hostile);
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: hostile, exact: true }).waitFor();
  await page.getByRole('searchbox', { name: 'Person', exact: true }).fill(mia.id);
  await page.keyboard.press('Enter');
  await page.getByText('has not answered', { exact: true }).waitFor();
  const invited = await open('/organizations', {
    credentials: { email: 'mia@example.com', password: 'the password of mia' },
  });
  await invited.page.getByRole('button', { name: `Join ${hostile}`, exact: true }).click();
  await page.getByRole('combobox', { name: 'Role of mia', exact: true }).selectOption('ADMIN');
  expect(await gateway.prisma.membership.count({ where: { accountId: mia.id, role: 'ADMIN' } })).toBe(0);
  await page.getByRole('button', { name: 'Change the role', exact: true }).click();
  await expect.poll(() => gateway.prisma.membership.count({ where: { accountId: mia.id, role: 'ADMIN' } })).toBe(1);
  await page.getByRole('button', { name: 'Rename', exact: true }).press('Enter');
  await page.getByRole('textbox', { name: 'New name', exact: true }).fill(`${hostile} & sons`);
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: `${hostile} & sons`, exact: true }).waitFor();
  // The open page of the other member has the name at once.
  await invited.page.getByRole('link', { name: `${hostile} & sons`, exact: true }).waitFor();
  await page.getByRole('button', { name: 'Remove mia', exact: true }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Remove', exact: true }).click();
  await page.getByRole('combobox', { name: 'Role of mia', exact: true }).waitFor({ state: 'hidden' });
  await page.getByRole('button', { name: 'Leave as pia', exact: true }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Leave', exact: true }).click();
  await page.getByRole('dialog').getByText('The organization has no other OWNER with an open account.').waitFor();
  expect([...faults, ...invited.faults]).toEqual([]);
});

test('console organizations: an administrator finds a person by a part of the email, and adds them by keyboard', async () => {
  const { gateway, open } = await openConsoleWorld();
  const mia = await gateway.person('mia');
  await gateway.person('mina');
  const { organization } = await change(gateway, 'createOrganization', { name: 'Acme' }, 'organization { id }');
  const { page, faults } = await open(`/organizations/${organization.id}`);
  const person = page.getByRole('searchbox', { name: 'Person', exact: true });
  await person.fill('nobody at all');
  await page.getByText('No person whom you may see matches.').waitFor();
  await page.getByRole('button', { name: 'Add', exact: true }).press('Enter');
  await page.getByRole('alert').getByText('Choose a person from those found').waitFor();
  await person.fill('mi');
  const found = page.getByRole('list', { name: 'People found', exact: true });
  await found.getByText('mina@example.com').waitFor();
  // And the administrator.
  expect(await found.getByRole('button').count()).toBe(3);
  await expectAccessible(page);
  await keepPicture(page, 'person-field');
  await person.fill('mia@exam');
  await found.getByText('mina@example.com').waitFor({ state: 'hidden' });
  await found.getByRole('button').press('Enter');
  await page.getByText('mia is chosen.', { exact: true }).waitFor();
  await page.keyboard.press('Enter');
  await page.getByRole('combobox', { name: 'Role of mia', exact: true }).waitFor();
  expect(await gateway.prisma.membership.count({ where: { accountId: mia.id } })).toBe(1);
  expect(await person.inputValue()).toBe('');
  expect(faults).toEqual([]);
});

test.each(forms)(
  'console people: people, a person and an organization are accessible (%s, %i px)',
  async (theme, width) => {
    const { gateway, open } = await openConsoleWorld();
    const pia = await gateway.person('pia');
    const { organization } = await change(gateway, 'createOrganization', { name: hostile }, 'organization { id }');
    const input = { organizationId: organization.id, accountId: pia.id, role: 'MEMBER' };
    await change(gateway, 'setMember', input, 'isInvited');
    await change(gateway, 'inviteAccount', { email: 'nia@example.com', administrator: true }, 'expiresAt');
    const { page, faults } = await open('/people', { theme, width });
    await page.getByText('nia@example.com', { exact: true }).waitFor();
    await expectAccessible(page);
    await keepPicture(page, `people-${theme}-${width}`);
    await page.getByRole('button', { name: 'Invite a person', exact: true }).click();
    await page.getByRole('combobox', { name: 'Organization', exact: true }).selectOption(hostile);
    await expectAccessible(page);
    await keepPicture(page, `invite-${theme}-${width}`);
    for (const [name, path] of [
      ['person', `/people/${pia.id}`],
      ['organization', `/organizations/${organization.id}`],
      ['organizations', '/organizations'],
    ] as const) {
      await page.goto(path);
      await page.getByText(hostile).first().waitFor();
      await expectAccessible(page);
      await keepPicture(page, `${name}-${theme}-${width}`);
    }
    expect(faults).toEqual([]);
  },
);
