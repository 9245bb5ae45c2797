import { expect, test } from 'vitest';
import { openConsoleWorld } from '../support/browser.ts';

const ONLY = 'Only administrators of this gateway can use this page.';

/** The pages of administration, and what a member of no organization reads there. */
const pages: readonly (readonly [path: string, title: string, text: string | RegExp])[] = [
  ['/settings/gateway', 'This gateway', ONLY],
  ['/realms/new', 'Make a realm', ONLY],
  ['/realms', 'Realms', 'Default'],
  ['/realms/default', 'Default', 'No freeze is ahead.'],
  ['/rules', 'CI rules', /^Only administrators see the CI rules/],
  ['/rules/new', 'CI rules', /^Only administrators see the CI rules/],
  ['/rules/test', 'Test a token', /^Only administrators see the CI rules/],
  ['/rules/issuers', 'Trusted providers', ONLY],
  ['/leaks', 'Leaks', /^Only administrators see this list/],
  ['/policies/modules/active-never-expires/bind', 'Only administrators bind policies', /^Ask an administrator/],
  ['/operations', 'Changes of many keys', 'There is none.'],
  ['/people', 'People', 'You see yourself and the members of your organizations.'],
  ['/organizations', 'Organizations', /You see those that you belong to/],
  ['/webhooks', 'Webhooks', /./],
];

test('console members: on each page of administration a member reads what it may, or who may, and never a raw error', async () => {
  const { gateway, open } = await openConsoleWorld();
  await gateway.person('pia');
  const admin = await gateway.prisma.account.findFirstOrThrow({ where: { isAdministrator: true } });
  const credentials = { email: 'pia@example.com', password: 'the password of pia' };
  const { page, faults } = await open('/', { credentials });
  await page.getByText('Live', { exact: true }).waitFor();
  const others = [`/people/${admin.id}`, '/organizations/organization_00000000000000000000000000'];
  for (const [path, title, text] of pages) {
    await page.goto(path);
    await page.getByRole('heading', { level: 1, name: title, exact: true }).waitFor();
    await page.locator('main').getByText(text).first().waitFor();
    const alerts = await page.getByRole('alert').allInnerTexts();
    expect([path, alerts.join('')]).toEqual([path, '']);
  }
  for (const path of others) {
    await page.goto(path);
    await page.getByRole('heading', { level: 1, name: /^There is no such/ }).waitFor();
  }
  expect(faults).toEqual([]);
});
