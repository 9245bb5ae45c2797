import { expect, test } from 'vitest';
import { DAY_MS } from '../../src/domain/duration.ts';
import { expectAccessible, forms, keepPicture, openConsoleWorld } from '../support/browser.ts';
import { allowSites, openBackend } from '../support/customer-site.ts';
import type { Gateway } from '../support/gateway.ts';
import { breakConsumer } from '../support/break-consumer.ts';
import { issue } from '../support/issue.ts';
import { mutationQuery } from '../support/mutation-query.ts';
import { changeKey, ROTATE_KEY } from '../support/operations.ts';

const ISSUE_KEYS = mutationQuery('issueKeys', 'keys { key { id } }');

const NAMES = ['release workflow of acme/core', 'nightly build', 'docs upload', 'smoke test', 'metrics push'];

/** Issues keys in several states, and returns them by name. */
async function issueKeys(gateway: Gateway) {
  const admin = await gateway.admin();
  const keys = new Map<string, { readonly id: string; readonly secret: string }>();
  for (const [index, name] of NAMES.entries()) {
    keys.set(name, await issue(gateway, admin, { name, lifetime: `P${String(10 + index * 30)}D` }));
  }
  const idOf = (name: string) => keys.get(name)!.id;
  const change = (mutation: 'holdKey' | 'revokeKey', name: string, reason: string) =>
    gateway.ask(changeKey(mutation), { input: { keyId: idOf(name), reason } }, admin);
  await change('holdKey', 'docs upload', 'The runner is rebuilt.');
  await change('revokeKey', 'smoke test', 'No longer needed.');
  await gateway.ask(ROTATE_KEY, { input: { keyId: idOf('metrics push'), gracePeriod: 'P7D' } }, admin);
  await gateway.services.follower.catchUp();
  return { admin, keys, idOf, change };
}

test('console keys: those that work are listed, those that stop first on top, with states as words', async () => {
  const { gateway, open } = await openConsoleWorld();
  await issueKeys(gateway);
  const { page, faults } = await open('/keys');
  const rows = page.getByRole('table', { name: 'Keys', exact: true }).getByRole('row');
  await page.getByText('4 keys', { exact: true }).waitFor();
  await page.getByText('1 ended is hidden').waitFor();
  const cells = await rows.evaluateAll((all: any[]) =>
    all.slice(1).map((row) => [...row.children].slice(0, 2).map((cell: any) => cell.innerText.split('\n')[0])),
  );
  expect(cells).toEqual([
    ['release workflow of acme/core', 'Stops soon'],
    ['nightly build', 'Active'],
    ['docs upload', 'Held'],
    ['metrics push', 'Rotating'],
  ]);
  await page.getByRole('button', { name: 'Show', exact: true }).click();
  await page.getByText('5 keys', { exact: true }).waitFor();
  expect(new URL(page.url()).search).toBe('?state=active&state=held&state=expired&state=revoked');
  await page.getByText('Revoked', { exact: true }).nth(1).waitFor();
  expect(faults).toEqual([]);
});

test('console keys: filters are in the address, by keyboard, and the Back button undoes them', async () => {
  const { gateway, open } = await openConsoleWorld();
  await issueKeys(gateway);
  const { page } = await open('/keys');
  const search = page.getByRole('searchbox', { name: 'Name, or start of a secret', exact: true });
  await search.focus();
  await page.keyboard.type('nightly');
  await page.getByText('1 key', { exact: true }).waitFor();
  expect(new URL(page.url()).search).toBe('?search=nightly');
  await search.fill('');
  await page.getByText('4 keys', { exact: true }).waitFor();
  await page.getByRole('checkbox', { name: 'Held', exact: true }).press('Space');
  await page.getByText('1 key', { exact: true }).waitFor();
  expect(new URL(page.url()).search).toBe('?state=held');
  await page.goBack();
  await page.getByText('4 keys', { exact: true }).waitFor();
  await page.getByRole('combobox', { name: 'Stops within', exact: true }).selectOption('30 days');
  await page.getByText('1 key', { exact: true }).waitFor();
  await page.reload();
  await page.getByText('1 key', { exact: true }).waitFor();
  await page.getByRole('button', { name: 'Clear the filters', exact: true }).click();
  await page.getByText('4 keys', { exact: true }).waitFor();
  // A key that is issued from the list of a realm is of this realm.
  await page.goto('/keys?realm=default');
  const link = page.getByRole('link', { name: 'Issue a key', exact: true });
  expect(await link.getAttribute('href')).toBe('/keys/new?realm=default');
});

test('console keys: filters by who issued a key, for whom and when are in the address, and leave out the other keys', async () => {
  const { gateway, open } = await openConsoleWorld();
  const { admin } = await issueKeys(gateway);
  const scopes = ['package:push', 'keytide:issue'].map((action) => ({ action, resource: 'Acme.*' }));
  const parent = await issue(gateway, admin, { name: 'the issuer', scopes });
  await issue(gateway, parent.secret, { name: 'child of nightly' });
  const backend = await openBackend(gateway, ['Ada']);
  await allowSites(gateway, [], [{ action: 'package:push', resource: 'Acme.*' }]);
  await issue(gateway, backend, { name: 'of a customer', ownerOf: { subject: { externalId: 'Ada' } } });
  await gateway.travel(3 * DAY_MS);
  await issue(gateway, await gateway.admin(), { name: 'of this week' });
  const { page, faults } = await open('/keys');
  await page.getByText('More filters', { exact: true }).click();
  const expectOne = async (name: string, search: string) => {
    await page.getByText('1 key', { exact: true }).waitFor();
    await page.getByRole('link', { name, exact: true }).waitFor();
    expect(new URL(page.url()).search).toBe(search);
    await page.reload();
    await page.getByText('1 key', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Clear the filters', exact: true }).click();
    await page.getByRole('link', { name: 'docs upload', exact: true }).waitFor();
  };
  await page.getByRole('searchbox', { name: 'Issued by the key (id)', exact: true }).fill(parent.id);
  await expectOne('child of nightly', `?parent=${parent.id}`);
  await page.getByRole('searchbox', { name: 'Customer (your id)', exact: true }).fill('Ada');
  await expectOne('of a customer', '?customer=Ada');
  await page.getByLabel('Issued from', { exact: true }).fill('2026-11-24');
  await expectOne('of this week', '?issued-from=2026-11-24');
  await page.goto('/keys?issued-to=2026-11-22');
  await page.getByText('No key matches these filters.', { exact: true }).waitFor();
  // No rule of this name has issued a key.
  await page.goto('/keys?rule=rule_00000000000000000000000000');
  await page.getByText(/^No key matches these filters.$|^There is no/).waitFor();
  expect(faults).toEqual([]);
});

test('console keys: a secret that is pasted into the search is cut before the address or a request has it', async () => {
  const { gateway, open } = await openConsoleWorld();
  const { keys } = await issueKeys(gateway);
  const { secret } = keys.get('nightly build')!;
  const { page, context } = await open('/keys');
  await page.getByText('4 keys', { exact: true }).waitFor();
  const sent: string[] = [];
  page.on('request', (request) => sent.push(`${request.url()} ${request.postData() ?? ''}`));
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await page.evaluate((text) => navigator.clipboard.writeText(text), secret);
  await page.getByRole('searchbox', { name: 'Name, or start of a secret', exact: true }).focus();
  await page.keyboard.press('Control+V');
  await page.getByText('1 key', { exact: true }).waitFor();
  expect(new URL(page.url()).search).toBe(`?search=${secret.slice(0, 9)}`);
  expect(sent.length).toBeGreaterThan(0);
  expect(sent.join('\n')).not.toContain(secret.slice(0, 12));
});

test('console keys: what another window changes appears in its row; new keys are counted until they are shown', async () => {
  const { gateway, open } = await openConsoleWorld();
  const { admin, change } = await issueKeys(gateway);
  const { page } = await open('/keys');
  await page.getByText('Live', { exact: true }).waitFor();
  const row = page.getByRole('row').filter({ hasText: 'nightly build' });
  await row.getByText('Active', { exact: true }).waitFor();
  await change('holdKey', 'nightly build', 'Under review.');
  await row.getByText('Held', { exact: true }).waitFor();
  await issue(gateway, admin, { name: 'brand new', lifetime: 'P5D' });
  await page.getByText('1 issued meanwhile').waitFor();
  expect(await page.getByText('brand new', { exact: true }).count()).toBe(0);
  await page.getByText('1 issued meanwhile').getByRole('button', { name: 'Show', exact: true }).click();
  await page.getByText('brand new', { exact: true }).waitFor();
});

test('console keys: a key that is issued while the list is read is a row, and not counted as new besides', async () => {
  const { gateway, open } = await openConsoleWorld();
  const admin = await gateway.admin();
  await issue(gateway, admin, { name: 'nightly build' });
  const { page } = await open('/keys');
  await page.getByText('Live', { exact: true }).waitFor();
  await page.getByRole('link', { name: 'nightly build', exact: true }).waitFor();
  let letPass = () => {};
  const passed = new Promise<void>((resolve) => {
    letPass = resolve;
  });
  await page.route('**/graphql', async (route) => {
    if (route.request().postData()?.includes('query KeyPage') === true) await passed;
    await route.continue();
  });
  await page.getByRole('combobox', { name: 'Order', exact: true }).selectOption('Newest first');
  await issue(gateway, admin, { name: 'brand new' });
  await page.getByText('1 issued meanwhile').waitFor();
  letPass();
  await page.getByRole('link', { name: 'brand new', exact: true }).waitFor();
  await page.getByText('1 issued meanwhile').waitFor({ state: 'detached' });
  await page.getByText('2 keys', { exact: true }).waitFor();
});

test('console keys: a person opens a key by keyboard; its page has the focus, and says why the key stops', async () => {
  const { gateway, open } = await openConsoleWorld();
  const { idOf } = await issueKeys(gateway);
  const days = [0, 91, 182, 276].map((day) => Date.UTC(2025, 11, 1) / DAY_MS + day);
  await gateway.prisma.useDays.create({ data: { keyId: idOf('metrics push'), days } });
  const { page, faults } = await open('/keys');
  await page.getByRole('link', { name: 'metrics push', exact: true }).press('Enter');
  const heading = page.getByRole('heading', { name: 'metrics push', exact: true });
  await heading.waitFor();
  expect(await heading.evaluate((element: any) => element === element.ownerDocument.activeElement)).toBe(true);
  expect(new URL(page.url()).pathname).toBe(`/keys/${idOf('metrics push')}`);
  await page.getByRole('heading', { name: 'Rotation', exact: true }).waitFor();
  await page.getByText('The old secret was not seen in use.').waitFor();
  await page.getByText('Used about every 91 days, as the last 3 intervals show.').waitFor();
  await page.getByText('is likely between 24 Nov 2026 and 15 Dec 2026.').waitFor();
  await keepPicture(page, 'key-rhythm');
  await page.getByText('Rotation started', { exact: true }).waitFor();
  const linkOf = (name: string) => page.getByRole('definition').getByRole('link', { name, exact: true });
  expect(await linkOf('Default').getAttribute('href')).toBe('/realms/default');
  expect(await linkOf('Administrator').getAttribute('href')).toMatch(/^\/people\/account_[0-9a-z]{26}$/);
  const issued = page.getByRole('definition').getByRole('button').first();
  await issued.press('Enter');
  await page
    .getByText(/\(20\d\d-\d\d-\d\d \d\d:\d\d:\d\d UTC\)/)
    .first()
    .waitFor();
  await page.goBack();
  await page.getByRole('heading', { name: 'Keys', exact: true }).waitFor();
  expect(faults).toEqual([]);
});

test('console keys: hostile names, labels, descriptions and reasons are text, never markup', async () => {
  const { gateway, open } = await openConsoleWorld();
  const admin = await gateway.admin();
  const hostile = `<img src=x onerror="alert(1)"><script>alert(1)</script>{{7*7}}\u202e"'`;
  const { id } = await issue(gateway, admin, {
    name: hostile,
    description: hostile,
    labels: [{ name: 'team', value: hostile }],
    scopes: [{ action: 'package:push', resource: hostile }],
  });
  await gateway.ask(changeKey('holdKey'), { input: { keyId: id, reason: hostile } }, admin);
  const { page, faults } = await open('/keys');
  await page.getByRole('link', { name: hostile, exact: true }).click();
  await page.getByRole('heading', { name: hostile, exact: true }).waitFor();
  await page.getByText('Held', { exact: true }).nth(1).waitFor();
  // The key was never used: there is nothing to say of a rhythm.
  await page.getByText('The key was not used.', { exact: true }).waitFor();
  expect(await page.getByText('rhythm').count()).toBe(0);
  expect(await page.locator('main img, main script').count()).toBe(0);
  expect(await page.title()).toBe(`${hostile} · Keytide`);
  expect(faults).toEqual([]);
});

test.each(forms)('console keys: the list and a key are accessible (%s, %i px)', async (theme, width) => {
  const { gateway, open } = await openConsoleWorld();
  const { idOf } = await issueKeys(gateway);
  for (const consumer of ['metrics-cron', `runner ${'x'.repeat(90)}`]) {
    await breakConsumer(gateway, { keyId: idOf('metrics push'), consumer });
  }
  const { page, faults } = await open('/keys', { theme, width });
  await page.getByText('4 keys', { exact: true }).waitFor();
  await expectAccessible(page);
  await keepPicture(page, `keys-${theme}-${width}`);
  await page.getByText('More filters', { exact: true }).click();
  await page.getByRole('option', { name: 'all owners' }).waitFor({ state: 'attached' });
  await expectAccessible(page);
  await keepPicture(page, `keys-filters-${theme}-${width}`);
  for (const name of ['docs upload', 'metrics push']) {
    await page.goto(`/keys/${idOf(name)}`);
    await page.getByRole('heading', { name: 'History', exact: true }).waitFor();
    await page.getByText('Issued', { exact: true }).last().waitFor();
    await expectAccessible(page);
    await keepPicture(page, `key-${name.replaceAll(' ', '-')}-${theme}-${width}`);
  }
  expect(faults).toEqual([]);
});

test('console keys: an ended key does not count on', async () => {
  const { gateway, open } = await openConsoleWorld();
  const { idOf } = await issueKeys(gateway);
  await gateway.travel(20 * DAY_MS);
  const { page } = await open(`/keys/${idOf('release workflow of acme/core')}`);
  await page.getByText('Expired', { exact: true }).first().waitFor();
  const stops = page.getByRole('definition').first();
  expect(await stops.innerText()).toBe('3 Dec 2026');
});

test('console keys: more new keys than the gateway counts at once are counted as a minimum', async () => {
  const { gateway, open } = await openConsoleWorld();
  const admin = await gateway.admin();
  await issue(gateway, admin, { name: 'nightly build' });
  const { page, faults } = await open('/keys');
  await page.getByText('1 key', { exact: true }).waitFor();
  await page.getByText('Live', { exact: true }).waitFor();
  const scopes = [{ action: 'package:push', resource: 'Acme.*' }];
  const keys = Array.from({ length: 130 }, (_, index) => ({ name: `key ${String(index)}`, scopes }));
  const { data } = await gateway.ask(ISSUE_KEYS, { input: { realm: 'default', keys } }, admin);
  expect(data['issueKeys'].keys.length).toBe(130);
  await page.getByText('At least 100 issued meanwhile').waitFor();
  await page.getByRole('button', { name: 'Show', exact: true }).click();
  await page.getByText('131 keys', { exact: true }).waitFor();
  expect(faults).toEqual([]);
});
