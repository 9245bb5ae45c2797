import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { openPage } from '../support/browser.ts';
import { allowSites, openBackend, openCustomerSite } from '../support/customer-site.ts';
import { openGateway } from '../support/gateway.ts';

const PUSH = { action: 'package:push', resource: 'Acme.*' };

const customers = ['Ada', 'Ben', 'Cleo'] as const;

const cards = (page: Page) => page.getByRole('list', { name: 'Keys', exact: true }).getByRole('listitem');
const press = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).click();

/** Reads the secret that a dialog shows, and closes it. */
async function takeSecret(page: Page): Promise<string> {
  const secret = await page.getByRole('group', { name: 'Secret', exact: true }).innerText();
  await press(page, 'I have stored it');
  return secret.trim();
}

async function issueOnPage(page: Page): Promise<string> {
  await press(page, 'Issue a key');
  await page.getByRole('textbox', { name: 'Name', exact: true }).fill('build');
  await press(page, 'Issue the key');
  return takeSecret(page);
}

test('customers: three, each on an origin of their own, issue, rotate and revoke keys without an account, and see only theirs', async () => {
  const gateway = await openGateway();
  const admin = await gateway.admin();
  const backend = await openBackend(gateway, customers);
  const sites = await Promise.all(customers.map((customer) => openCustomerSite(gateway, backend, customer)));
  const stranger = await openCustomerSite(gateway, backend, 'Ada');
  await allowSites(
    gateway,
    sites.map(({ origin }) => origin),
    [PUSH],
  );
  const accountCount = await gateway.prisma.account.count();

  const pages = await Promise.all(sites.map(({ origin }) => openPage(origin)));
  const secrets: string[] = [];
  for (const [index, page] of pages.entries()) {
    for (let count = 1; count <= index + 1; count += 1) {
      secrets.push(await issueOnPage(page));
      await expect.poll(() => cards(page).count()).toBe(count);
    }
  }

  const [ada] = pages as [Page, ...Page[]];
  const [first = ''] = secrets;
  await press(ada, 'build');
  await press(ada, 'Rotate');
  await ada.getByRole('dialog').getByRole('button', { name: 'Rotate', exact: true }).click();
  const second = await takeSecret(ada);
  expect(second).not.toBe(first);
  const verify = async (secret: string) => {
    const headers = { 'Content-Type': 'application/json', Authorization: `Bearer ${admin}` };
    const body = JSON.stringify({ secret, ...PUSH, resource: 'Acme.Core' });
    const response = await fetch(`${gateway.url}/verify`, { method: 'POST', headers, body });
    const { outcome, key } = (await response.json()) as any;
    return [outcome, key?.subject?.externalId];
  };
  expect([await verify(first), await verify(second)]).toEqual([
    ['VALID', 'Ada'],
    ['VALID', 'Ada'],
  ]);
  await press(ada, 'Revoke');
  await ada.getByRole('textbox', { name: 'Why', exact: true }).fill('no longer used');
  await press(ada, 'Revoke for good');
  // What has happened is shown as it happens.
  await ada.getByText('Revoked', { exact: true }).first().waitFor();
  expect(await verify(second)).toEqual(['KEY_REVOKED', 'Ada']);
  await press(ada, 'All keys');
  await ada.getByText('You have no key that works.', { exact: false }).waitFor();

  // Nothing of Ada's reached the others; and nobody was given an account.
  for (const [index, page] of pages.entries()) if (index > 0) expect(await cards(page).count()).toBe(index + 1);
  expect(await gateway.prisma.account.count()).toBe(accountCount);
  expect(await gateway.prisma.key.groupBy({ by: ['subjectId'], _count: true })).toHaveLength(1 + customers.length);

  // A page that the realm does not name can do nothing, not even with a good token.
  const foreign = await openPage(stranger.origin);
  await foreign.getByRole('heading', { name: 'Your keys could not be loaded', exact: true }).waitFor();
  await foreign.getByText(`portalOrigins of the realm does not name ${stranger.origin}`, { exact: false }).waitFor();
  expect(await cards(foreign).count()).toBe(0);
});
