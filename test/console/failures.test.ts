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
