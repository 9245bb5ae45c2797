import { expect, test } from 'vitest';
import { openConsoleWorld } from '../support/browser.ts';
import { ADMIN } from '../support/first-node.ts';
import { VERIFY_KEY } from '../support/operations.ts';

test('console: a new administrator makes a realm, invites a person, and issues and rotates a key, with the console alone', async () => {
  const { gateway, open } = await openConsoleWorld();
  const { page, faults } = await open('/realms', { credentials: null });
  await page.getByRole('textbox', { name: 'Email', exact: true }).fill(ADMIN.email);
  await page.getByLabel('Password', { exact: true }).fill(ADMIN.password);
  await page.keyboard.press('Enter');

  await page.getByRole('link', { name: 'Make a realm', exact: true }).click();
  await page.getByRole('textbox', { name: 'Name', exact: true }).fill('Package registry');
  expect(await page.getByRole('textbox', { name: 'Slug', exact: true }).inputValue()).toBe('package-registry');
  await page.getByRole('button', { name: 'Make the realm', exact: true }).click();
  await page.getByRole('heading', { name: 'Package registry', exact: true }).waitFor();
  await page.getByRole('textbox', { name: 'Action', exact: true }).fill('package:push');
  await page.getByRole('textbox', { name: 'What it allows', exact: true }).fill('publish a package');
  await page.getByRole('button', { name: 'Add the action', exact: true }).click();
  await page.getByText('publish a package', { exact: true }).waitFor();

  await page.getByRole('link', { name: 'People', exact: true }).click();
  await page.getByRole('button', { name: 'Invite a person', exact: true }).click();
  await page.getByRole('textbox', { name: 'Email', exact: true }).fill('nia@example.com');
  await page.getByRole('checkbox', { name: 'Administrator of this gateway', exact: true }).check();
  await page.getByRole('button', { name: 'Invite', exact: true }).click();
  await page.getByRole('dialog', { name: 'Enter your password again', exact: true }).waitFor();
  await page.keyboard.type(ADMIN.password);
  await page.keyboard.press('Enter');
  const link = (await page.getByRole('group', { name: 'Link', exact: true }).innerText()).trim();
  expect(link).toMatch(new RegExp(`^${gateway.url}/invitation#kti_[\\w-]{43}$`));
  await page.getByRole('button', { name: 'I have the link', exact: true }).click();
  expect(await page.content()).not.toContain(link);

  const guest = await open(link, { credentials: null });
  await guest.page.getByRole('textbox', { name: 'Name', exact: true }).fill('Nia');
  // Neither the address nor the history of the browser keeps the token.
  expect(guest.page.url()).toBe(`${gateway.url}/invitation`);
  await guest.page.getByLabel('Password', { exact: true }).fill('the password of nia');
  await guest.page.keyboard.press('Enter');
  await guest.page.getByRole('heading', { name: 'Your account is made', exact: true }).waitFor();
  await page.getByRole('link', { name: 'Nia', exact: true }).waitFor();
  await guest.page.getByRole('link', { name: 'Sign in', exact: true }).click();
  await guest.page.getByRole('textbox', { name: 'Email', exact: true }).fill('nia@example.com');
  await guest.page.getByLabel('Password', { exact: true }).fill('the password of nia');
  await guest.page.keyboard.press('Enter');

  await guest.page.getByText('Live', { exact: true }).waitFor();
  await guest.page.goto('/keys/new');
  await guest.page.getByRole('textbox', { name: 'Name', exact: true }).fill('nightly build');
  await guest.page.getByRole('combobox', { name: 'Realm', exact: true }).selectOption('Package registry');
  await guest.page.getByRole('combobox', { name: 'Action 1', exact: true }).selectOption('package:push');
  await guest.page.getByRole('textbox', { name: 'On resource 1', exact: true }).fill('Acme.*');
  await guest.page.getByRole('button', { name: 'Continue', exact: true }).click();
  await guest.page.getByRole('button', { name: 'Issue the key', exact: true }).click();
  await guest.page.getByRole('group', { name: 'Secret', exact: true }).waitFor();
  await guest.page.getByRole('button', { name: 'I have stored it', exact: true }).click();
  await guest.page.getByRole('button', { name: 'Rotate', exact: true }).click();
  await guest.page.getByRole('dialog').getByRole('button', { name: 'Rotate', exact: true }).click();
  const shown = guest.page.getByRole('dialog', { name: 'The new secret', exact: true });
  const secret = (await shown.getByRole('group', { name: 'Secret', exact: true }).innerText()).trim();
  const input = { secret, action: 'package:push', resource: 'Acme.Core' };
  const { data } = await gateway.ask(VERIFY_KEY, { input }, await gateway.admin());
  expect(data['verifyKey'].outcome).toBe('VALID');
  expect([...faults, ...guest.faults].filter((fault) => !fault.includes('status of 403'))).toEqual([]);
});
