import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { openPage } from '../support/browser.ts';
import { openGateway, type Gateway } from '../support/gateway.ts';
import { issue } from '../support/issue.ts';
import { createPortalSession } from '../support/portal.ts';
import { openSite } from '../support/site.ts';

const read = (name: string) => readFileSync(new URL(`pages/${name}`, import.meta.url), 'utf8');
const PUSH = { action: 'package:push', resource: 'Acme.*' };
const UPDATE_REALM =
  'mutation ($input: UpdateRealmInput!) { updateRealm(input: $input) { __typename ... on UserError { message } } }';
const UPSERT_SUBJECT = 'mutation ($input: UpsertSubjectInput!) { upsertSubject(input: $input) { __typename } }';

const customers = ['Ada', 'Ben', 'Cleo'] as const;

/** The site of the API for one customer, on an origin of its own; its backend knows who is signed in there. */
function openCustomerSite(gateway: Gateway, backend: string, customer: string): Promise<string> {
  return openSite({
    '/': { type: 'text/html', body: () => read('customers.html') },
    '/page.js': { type: 'text/javascript', body: () => read('customers.js') },
    '/session': {
      type: 'application/json',
      body: async () => {
        const { token } = await createPortalSession(gateway, backend, customer);
        return JSON.stringify({ token, gateway: gateway.url });
      },
    },
  });
}

const items = (page: Page, list: string) => page.getByRole('list', { name: list, exact: true }).getByRole('listitem');
const press = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).click();
const textOf = (page: Page, name: string) => page.getByLabel(name, { exact: true }).textContent();

test('customers: three, each on an origin of their own, issue, rotate and revoke keys without an account, and see only theirs', async () => {
  const gateway = await openGateway();
  const admin = await gateway.admin();
  const { secret: backend } = await issue(gateway, admin, { scopes: [{ action: 'keytide:manage', resource: '**' }] });
  for (const externalId of customers) {
    await gateway.ask(UPSERT_SUBJECT, { input: { realm: 'default', externalId, name: externalId } }, backend);
  }
  const sites = await Promise.all(customers.map((customer) => openCustomerSite(gateway, backend, customer)));
  const stranger = await openCustomerSite(gateway, backend, 'Ada');
  const settings = { realm: 'default', portalOrigins: sites, subjectCeilings: [{ scopes: [PUSH] }] };
  const updated = await gateway.ask(UPDATE_REALM, { input: settings }, admin);
  expect(updated.data).toEqual({ updateRealm: { __typename: 'UpdateRealmSuccess' } });
  const accountCount = await gateway.prisma.account.count();

  const pages = await Promise.all(sites.map((site) => openPage(site)));
  for (const [index, page] of pages.entries()) {
    for (let count = 1; count <= index + 1; count += 1) {
      await press(page, 'Issue a key');
      await expect
        .poll(async () => [await items(page, 'Keys').count(), await textOf(page, 'Problem')])
        .toEqual([count, '']);
    }
  }
  // Each sees what happens to their own keys, as it happens.
  for (const [index, page] of pages.entries()) {
    await expect
      .poll(() => items(page, 'History').allTextContents())
      .toEqual(Array.from({ length: index + 1 }, () => 'KEY_ISSUED build'));
  }

  const [ada] = pages as [Page, ...Page[]];
  const first = await textOf(ada, 'Secret');
  await press(ada, 'Rotate build');
  await expect.poll(() => textOf(ada, 'Secret')).not.toBe(first);
  const second = await textOf(ada, 'Secret');
  const verify = async (secret: string | null) => {
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
  await press(ada, 'Revoke build');
  await expect.poll(() => items(ada, 'Keys').allTextContents()).toEqual([expect.stringContaining('build: REVOKED')]);
  await expect.poll(() => items(ada, 'History').allTextContents()).toContain('KEY_REVOKED build');
  expect(await verify(second)).toEqual(['KEY_REVOKED', 'Ada']);

  // Nothing of Ada's reached the others; and nobody was given an account.
  for (const [index, page] of pages.entries()) {
    expect(await textOf(page, 'Problem')).toBe('');
    if (index > 0) expect(await items(page, 'History').count()).toBe(index + 1);
  }
  expect(await gateway.prisma.account.count()).toBe(accountCount);
  expect(await gateway.prisma.key.groupBy({ by: ['subjectId'], _count: true })).toHaveLength(1 + customers.length);

  // A page that the realm does not name can do nothing, not even with a good token.
  const foreign = await openPage(stranger);
  await expect.poll(() => textOf(foreign, 'Problem')).toMatch(/Failed to fetch|4403/);
  expect(await items(foreign, 'Keys').count()).toBe(0);
});
