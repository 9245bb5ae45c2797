import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { openConsoleWorld } from '../support/browser.ts';
import { issue } from '../support/issue.ts';

const message = 'The database is not available.';

/** Has a query of a page fail with this data. Returns how to let it through again. */
async function failQuery(page: Page, name: string, data: object | null): Promise<() => Promise<void>> {
  await page.route('**/graphql', async (route) => {
    if (route.request().postData()?.includes(`query ${name}`) !== true) return route.fallback();
    await route.fulfill({ json: { data, errors: [{ message, extensions: { code: 'UNAVAILABLE' } }] } });
  });
  return () => page.unroute('**/graphql');
}

/** The exceptions among the faults of a page. A refused request is an error in the console of every browser. */
const exceptionsOf = (faults: readonly string[]) => faults.filter((fault) => fault.startsWith('exception'));

test('console failures: a filter that the gateway refuses is a message, not an endless list', async () => {
  const { open } = await openConsoleWorld();
  const { page, faults } = await open('/keys?label=Team=core');
  await page.getByRole('alert').getByText('Team').waitFor();
  await page.getByRole('button', { name: 'Try again', exact: true }).waitFor();
  expect(exceptionsOf(faults)).toEqual([]);
});

test.each([null, { key: null }])(
  'console failures: a key that cannot be read is not said to be gone (%j)',
  async (data) => {
    const { gateway, open } = await openConsoleWorld();
    const { id } = await issue(gateway, await gateway.admin(), { name: 'nightly build' });
    const { another, faults } = await open('/');
    const page = await another();
    const letThrough = await failQuery(page, 'KeyOfPage', data);
    await page.goto(`/keys/${id}`);
    await page.getByRole('heading', { name: 'The key could not be read', exact: true }).waitFor();
    expect(await page.getByRole('alert').getByText(message, { exact: true }).count()).toBe(1);
    await letThrough();
    await page.getByRole('button', { name: 'Try again', exact: true }).click();
    await page.getByRole('heading', { name: 'nightly build', exact: true }).waitFor();
    expect(exceptionsOf(faults)).toEqual([]);
  },
);

test.each([null, { key: null }])(
  'console failures: a history that cannot be read is not said to be empty (%j)',
  async (data) => {
    const { gateway, open } = await openConsoleWorld();
    const { id } = await issue(gateway, await gateway.admin(), { name: 'nightly build' });
    const { another, faults } = await open('/');
    const page = await another();
    const letThrough = await failQuery(page, 'KeyHistory', data);
    await page.goto(`/keys/${id}`);
    await page.getByRole('alert').getByText(message, { exact: true }).waitFor();
    await letThrough();
    await page.getByRole('button', { name: 'Try again', exact: true }).click();
    await page.getByText('Issued', { exact: true }).last().waitFor();
    await expect.poll(() => page.getByRole('alert').count()).toBe(0);
    expect(exceptionsOf(faults)).toEqual([]);
  },
);

test.each([null, { realm: null, issueBounds: null }])(
  'console failures: a form whose rules cannot be read says so (%j)',
  async (data) => {
    const { open } = await openConsoleWorld();
    const { another, faults } = await open('/');
    const page = await another();
    const letThrough = await failQuery(page, 'IssueRules', data);
    await page.goto('/keys/new');
    await page.getByRole('alert').getByText(message, { exact: true }).waitFor();
    expect(await page.getByText('You may not issue a key').count()).toBe(0);
    await letThrough();
    await page.getByRole('button', { name: 'Try again', exact: true }).click();
    await page.getByRole('button', { name: 'Continue', exact: true }).waitFor();
    expect(exceptionsOf(faults)).toEqual([]);
  },
);

test('console failures: a secret that is shown once stays while its key cannot be read again', async () => {
  const { gateway, open } = await openConsoleWorld();
  const { id } = await issue(gateway, await gateway.admin(), { name: 'nightly build' });
  const { page, faults } = await open(`/keys/${id}`);
  await page.getByText('Live', { exact: true }).waitFor();
  await page.getByRole('button', { name: 'Rotate', exact: true }).click();
  const letThrough = await failQuery(page, 'KeyOfPage', null);
  await page.getByRole('dialog').getByRole('button', { name: 'Rotate', exact: true }).click();
  await page.getByText('The key could not be read again', { exact: true }).waitFor();
  await page.getByText(`${message} What you see may be out of date.`, { exact: true }).waitFor();
  const secret = page.getByRole('group', { name: 'Secret', exact: true });
  expect(await secret.innerText()).toMatch(/^kt_/);
  await letThrough();
  await page.getByRole('button', { name: 'I have stored it', exact: true }).click();
  await page.getByRole('button', { name: 'Try again', exact: true }).click();
  await page.getByRole('heading', { name: 'Rotation', exact: true }).waitFor();
  await expect.poll(() => page.getByRole('alert').count()).toBe(0);
  expect(exceptionsOf(faults)).toEqual([]);
});

test('console failures: of a key that cannot be read the page shows nothing of the key that it showed before', async () => {
  const { gateway, open } = await openConsoleWorld();
  const admin = await gateway.admin();
  const first = await issue(gateway, admin, { name: 'nightly build' });
  const second = await issue(gateway, admin, { name: 'docs upload' });
  const { page, faults } = await open(`/keys/${first.id}`);
  await page.getByRole('heading', { name: 'nightly build', exact: true }).waitFor();
  await failQuery(page, 'KeyOfPage', null);
  // As the Back button does, from a key to another one.
  await page.evaluate((path) => {
    const { history, dispatchEvent, PopStateEvent } = globalThis as any;
    history.pushState(null, '', path);
    dispatchEvent(new PopStateEvent('popstate'));
  }, `/keys/${second.id}`);
  await page.getByRole('heading', { name: 'The key could not be read', exact: true }).waitFor();
  expect(await page.getByText('nightly build').count()).toBe(0);
  expect(exceptionsOf(faults)).toEqual([]);
});

test('console failures: a page whose script is gone since an update of the gateway is loaded again', async () => {
  const { open } = await openConsoleWorld();
  const { page, faults } = await open('/');
  await page.getByRole('heading', { name: 'What needs you', exact: true }).waitFor();
  await page.route('**/assets/realm-list-page-*.js', (route) => route.fulfill({ status: 404 }));
  await page.getByRole('link', { name: 'Realms', exact: true }).click();
  await page.getByRole('heading', { name: 'This page could not be loaded', exact: true }).waitFor();
  await page.unroute('**/assets/realm-list-page-*.js');
  await page.getByRole('button', { name: 'Try again', exact: true }).click();
  await page.getByRole('heading', { name: 'Realms', exact: true }).waitFor();
  expect(exceptionsOf(faults)).toEqual([]);
});
