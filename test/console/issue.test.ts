import { expect, test } from 'vitest';
import { expectAccessible, forms, keepPicture, openConsoleWorld } from '../support/browser.ts';
import { VERIFY_KEY } from '../support/operations.ts';

test('console issue: a key is issued by keyboard; its secret is shown once and works', async () => {
  const { gateway, open } = await openConsoleWorld();
  const { page, faults } = await open('/keys/new');
  await page.getByRole('textbox', { name: 'Name', exact: true }).focus();
  await page.keyboard.type('release workflow of acme/core');
  const action = page.getByRole('combobox', { name: 'Action 1', exact: true });
  await action.waitFor();
  await action.selectOption('package:push');
  await page.getByRole('textbox', { name: 'On resource 1', exact: true }).focus();
  await page.keyboard.type('Acme.*');
  const tried = page.getByRole('textbox', { name: 'Try a resource (not required)', exact: true });
  await tried.fill('Acme.Core/more');
  await page.getByText('No row allows it.', { exact: true }).waitFor();
  await tried.fill('Acme.Core');
  await page.getByText('Allowed: package:push by Acme.*.', { exact: true }).waitFor();
  await page
    .getByText(/^From .* to .* The latest is set by the realm default: its keys live at most 365 days\.$/)
    .waitFor();
  await page.getByRole('radio', { name: '30 days', exact: true }).press('Space');
  await page.getByRole('radio', { name: 'keytide renew, for GitHub Actions', exact: true }).press('Space');
  await page.getByRole('button', { name: 'Continue', exact: true }).press('Enter');
  const question = page.getByRole('heading', { name: 'Issue “release workflow of acme/core”?', exact: true });
  await question.waitFor();
  expect(await question.evaluate((element: any) => element === element.ownerDocument.activeElement)).toBe(true);
  await page.getByText('30 days from now', { exact: true }).waitFor();
  expect((await page.getByRole('definition').allInnerTexts()).slice(0, 2)).toEqual(['Administrator (you)', 'Default']);
  await page.getByRole('button', { name: 'Issue the key', exact: true }).press('Enter');
  await page.getByRole('heading', { name: 'The secret of “release workflow of acme/core”', exact: true }).waitFor();
  const secret = (await page.getByRole('group', { name: 'Secret', exact: true }).innerText()).trim();
  const input = { secret, action: 'package:push', resource: 'Acme.Core' };
  const { data } = await gateway.ask(VERIFY_KEY, { input }, await gateway.admin());
  expect(data['verifyKey']).toMatchObject({ outcome: 'VALID', stopsAt: '2026-12-23T12:00:00.000Z' });
  await page.getByText('gh secret set RELEASE_WORKFLOW_OF_ACME_CORE_KEY', { exact: true }).waitFor();
  // No command has the secret, so that it is in no history of a shell.
  expect((await page.locator('pre').allInnerTexts()).join('\n')).not.toContain(secret);
  await page.getByRole('button', { name: 'I have stored it', exact: true }).press('Enter');
  await page.getByRole('heading', { name: 'release workflow of acme/core', exact: true }).waitFor();
  expect(await page.content()).not.toContain(secret);
  await page.goBack();
  await page.getByRole('heading', { name: 'Issue a key', exact: true }).waitFor();
  expect(await page.content()).not.toContain(secret);
  expect(faults).toEqual([]);
});

test('console issue: what is missing or refused is said, and nothing that was typed is lost', async () => {
  const { open } = await openConsoleWorld();
  const { page } = await open('/keys/new');
  await page.getByRole('combobox', { name: 'Action 1', exact: true }).selectOption('package:push');
  await page.getByRole('textbox', { name: 'On resource 1', exact: true }).fill('Acme.***');
  await page.getByText('*** is not a wildcard').waitFor();
  await page.getByRole('button', { name: 'Continue', exact: true }).click();
  expect(await page.getByRole('heading', { name: 'Issue a key', exact: true }).count()).toBe(1);
  await page.getByRole('textbox', { name: 'Name', exact: true }).fill('nightly');
  await page.getByRole('button', { name: 'Continue', exact: true }).click();
  await page.getByRole('button', { name: 'Issue the key', exact: true }).click();
  await page.getByText('*** is not a wildcard').waitFor();
  await page.getByRole('button', { name: 'Back', exact: true }).click();
  expect(await page.getByRole('textbox', { name: 'On resource 1', exact: true }).inputValue()).toBe('Acme.***');
});

test.each(forms)('console issue: every step is accessible (%s, %i px)', async (theme, width) => {
  const { open } = await openConsoleWorld();
  const { page, faults } = await open('/keys/new', { theme, width });
  await page.getByRole('combobox', { name: 'Action 1', exact: true }).selectOption('package:push');
  await page.getByRole('textbox', { name: 'Name', exact: true }).fill('nightly');
  await page.getByRole('textbox', { name: 'On resource 1', exact: true }).fill('Acme.*');
  await page.getByRole('button', { name: 'Add another', exact: true }).click();
  await page.getByRole('textbox', { name: 'On resource 2', exact: true }).fill('Acme.Docs.*');
  await page.getByRole('combobox', { name: 'Action 2', exact: true }).selectOption('package:push');
  await page.getByRole('radio', { name: 'until a day', exact: true }).check();
  await page.getByLabel('Last day', { exact: true }).fill('2027-01-31');
  await expectAccessible(page);
  await keepPicture(page, `issue-${theme}-${width}`);
  await page.getByRole('button', { name: 'Continue', exact: true }).click();
  await page.getByText('to the end of 31 Jan 2027', { exact: true }).waitFor();
  await expectAccessible(page);
  await keepPicture(page, `issue-summary-${theme}-${width}`);
  await page.getByRole('button', { name: 'Issue the key', exact: true }).click();
  await page.getByRole('group', { name: 'Secret', exact: true }).waitFor();
  await expectAccessible(page);
  await keepPicture(page, `issue-secret-${theme}-${width}`);
  expect(faults).toEqual([]);
});
