import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { expectAccessible, keepPicture } from '../support/browser.ts';
import { mutationQuery } from '../support/mutation-query.ts';
import { issueForOwners, openPolicyPages } from '../support/policy-pages.ts';

const bindings = (page: Page) => page.getByRole('table', { name: /^Bound in / }).getByRole('row');

test('console modules: what is typed stays, and the focus too, when the policy is to be bound to another realm', async () => {
  const { gateway, open } = await openPolicyPages();
  const create = 'mutation ($input: CreateRealmInput!) { createRealm(input: $input) { __typename } }';
  await gateway.ask(create, { input: { name: 'Other', slug: 'other' } }, await gateway.admin());
  const { page } = await open('/policies/modules/unused-expires/bind');
  const time = page.getByRole('spinbutton', { name: 'Time without use', exact: true });
  await time.fill('40');
  const realm = page.getByRole('combobox', { name: 'Realm', exact: true });
  await realm.focus();
  await realm.selectOption('other');
  expect([await realm.inputValue(), await time.inputValue()]).toEqual(['other', '40']);
  expect(await realm.evaluate((element: any) => element === element.ownerDocument.activeElement)).toBe(true);
});

test('console modules: each module has its form, and what is left alone is not sent', async () => {
  const { gateway, open } = await openPolicyPages();
  const { owner } = await issueForOwners(gateway);
  const { page, faults } = await open('/policies/modules/renewal-window/bind');
  const sent: any[] = [];
  page.on('request', (request) => {
    const { query, variables } = JSON.parse(request.postData() ?? '{}');
    if (/query PreviewOnPage/.test(query ?? '')) sent.push(variables.input);
  });
  const preview = async () => {
    await page.getByRole('button', { name: 'Show what changes', exact: true }).click();
    await page.getByText('stay as they are', { exact: true }).waitFor();
    return sent.at(-1);
  };
  const number = (name: string) => page.getByRole('spinbutton', { name, exact: true });
  const box = (name: string) => page.getByRole('checkbox', { name, exact: true });
  // A share, a boolean, a nullable duration, and an object that is none until somebody says so.
  await number('Window opens after').fill('0.5');
  await box('Retires when moved').check();
  await box('Age of a secret: Secrets stay when a key is renewed.').uncheck();
  await number('Age of a secret').fill('180');
  await box('Incident: There is no incident.').uncheck();
  await page.getByLabel('Secrets made before', { exact: true }).fill('2026-11-23T13:00:00');
  await page.getByRole('combobox', { name: 'Unit of: Within', exact: true }).selectOption('hours');
  await number('Within').fill('36');
  await page.getByRole('radio', { name: 'Some keys', exact: true }).check();
  await page.getByRole('searchbox', { name: 'Owned by one of these (not required)', exact: true }).fill('Acm');
  await page.getByRole('list', { name: 'Owners found', exact: true }).getByRole('button').press('Enter');
  await page.getByRole('button', { name: 'Remove Acme', exact: true }).waitFor();
  await page.getByRole('button', { name: 'Add a label', exact: true }).click();
  await page.getByRole('textbox', { name: 'Label 1', exact: true }).fill('policy/tier');
  await page.getByRole('textbox', { name: 'Value 1', exact: true }).fill('trial');
  expect(await preview()).toMatchObject({
    realm: 'default',
    policy: 'renewal-window',
    mode: 'ENFORCED',
    selector: { owners: [owner], labels: [{ name: 'policy/tier', value: 'trial' }] },
    noticePeriod: 'P30D',
  });
  expect(sent.at(-1).config).toEqual({
    opensAfter: 0.5,
    retiresWhenMoved: true,
    rotateAfter: 'P180D',
    incident: { secretsMadeBefore: '2026-11-23T12:00:00.000Z', within: 'PT36H' },
  });
  for (const name of ['active-never-expires', 'bounded-lifetime', 'dormant-owner', 'unused-expires']) {
    await page.goto(`/policies/modules/${name}/bind`);
    await page.getByRole('heading', { name: 'Configuration', exact: true }).waitFor();
    expect((await preview()).config, name).toEqual({});
  }
  // A duration as text, and none in place of a default.
  await page.getByRole('button', { name: 'Back to the form', exact: true }).click();
  await page.getByRole('combobox', { name: 'Unit of: Time without use', exact: true }).selectOption('as text');
  await page.getByRole('textbox', { name: 'Time without use', exact: true }).fill('P52W');
  await box('Expires after: The key does not expire.').check();
  expect((await preview()).config).toEqual({ idle: 'P52W', expireAfter: null });
  // What no module of ours has: a text, numbers, a choice, a list, alternatives, a table and a member without a default.
  await page.goto('/policies/modules/hostile/bind');
  await page.getByRole('textbox', { name: 'Prefix', exact: true }).fill('nightly');
  await number('Weight').fill('5');
  await number('Factor').fill('1.5');
  await page.getByRole('combobox', { name: 'Level', exact: true }).selectOption('high');
  await page.getByRole('button', { name: 'Add to: Names', exact: true }).click();
  await page.getByRole('textbox', { name: 'Names 2', exact: true }).fill('second');
  await page.getByRole('button', { name: 'Remove Names 1', exact: true }).click();
  await page.getByRole('combobox', { name: 'Limit: which', exact: true }).selectOption('uses');
  await number('Count').fill('7');
  const table = page.getByRole('textbox', { name: 'Table', exact: true });
  await table.fill('{"a":');
  await number('Life').fill('20');
  await page.getByRole('button', { name: 'Show what changes', exact: true }).click();
  // A text that is not JSON cannot be sent.
  expect(await table.evaluate((element: any) => element.validity.customError)).toBe(true);
  await table.fill('{"a": 1}');
  expect((await preview()).config).toEqual({
    prefix: 'nightly',
    weight: 5,
    factor: 1.5,
    level: 'high',
    names: ['second'],
    limit: { kind: 'uses', count: 7 },
    table: { a: 1 },
    life: 'P20D',
  });
  await page.getByText('4 of 4 sooner', { exact: true }).waitFor();
  expect(faults).toEqual([]);
});

test('console modules: the words of a hostile module are text', async () => {
  const { open } = await openPolicyPages();
  const { page, faults } = await open('/policies', { width: 320 });
  const title = '<script>globalThis.isHarmed = true</script>';
  await page.getByRole('link', { name: title, exact: true }).waitFor();
  await expectAccessible(page);
  await keepPicture(page, 'policies-hostile-light-320');
  await page.getByRole('link', { name: title, exact: true }).click();
  await page.getByRole('heading', { level: 1, name: title, exact: true }).waitFor();
  await page.getByText('see [this](javascript:alert(1)) and <img src=x').waitFor();
  await page.getByRole('listitem').filter({ hasText: 'code <b>here</b> in a list that goes on' }).waitFor();
  expect(await page.locator('main img, main script').count()).toBe(0);
  await page.getByText('must be set', { exact: true }).first().waitFor();
  await expectAccessible(page);
  await keepPicture(page, 'policy-module-hostile-light-320');
  expect(await page.evaluate(() => (globalThis as any).isHarmed)).toBe(undefined);
  expect(faults).toEqual([]);
});

test('console modules: a broken policy says how it fails, and is unbound after the page has said what that changes', async () => {
  const { gateway, open } = await openPolicyPages();
  const { admin } = await issueForOwners(gateway);
  const { page, faults } = await open('/policies');
  await page.getByText('Live', { exact: true }).waitFor();
  const input = { realm: 'default', policy: 'failing', config: { life: 'P90D' } };
  await gateway.ask(mutationQuery('bindPolicy', 'binding { id }'), { input }, admin);
  await gateway.travel(0);
  // It appears, and becomes broken, without a reload.
  const row = bindings(page).filter({ hasText: 'Failing' });
  await row.getByText('Broken', { exact: true }).waitFor();
  await page.getByRole('region', { name: 'What waits for you', exact: true }).getByRole('link').click();
  await page.getByRole('heading', { name: 'The module fails: it ends with an error', exact: true }).waitFor();
  await page.getByText('boom <b>').first().waitFor();
  await expectAccessible(page);
  await keepPicture(page, 'policy-broken-light-1280');
  await page.getByRole('button', { name: 'Unbind', exact: true }).press('Enter');
  const dialog = page.getByRole('dialog', { name: 'Unbind “Failing”', exact: true });
  await dialog.getByText(/^No stop moves: for all 12 keys/).waitFor();
  await expectAccessible(page);
  await dialog.getByRole('button', { name: 'Unbind', exact: true }).press('Enter');
  await page.getByText('Removed', { exact: true }).first().waitFor();
  expect(await page.getByRole('link', { name: 'Change', exact: true }).count()).toBe(0);
  expect(faults).toEqual([]);
});
