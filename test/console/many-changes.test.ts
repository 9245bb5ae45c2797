import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { expectAccessible, forms, keepPicture, openConsoleWorld } from '../support/browser.ts';
import { ADMIN } from '../support/first-node.ts';
import { issue, makeOrganization } from '../support/issue.ts';

const press = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).click();

/** Fills in the dialog up to the dry run. */
async function propose(page: Page, change: string) {
  await press(page, 'Change these keys');
  await page.getByRole('combobox', { name: 'Change', exact: true }).selectOption(change);
  await page.getByRole('textbox', { name: 'Why', exact: true }).fill('incident 7');
  await press(page, 'Find the keys');
  return page.getByRole('textbox', { name: 'Type the number of keys', exact: true });
}

test('console many keys: a change names the keys of each owner before it starts, is followed live, and is undone', async () => {
  const { gateway, open } = await openConsoleWorld();
  const admin = await gateway.admin();
  const owner = await makeOrganization(gateway, admin);
  for (const name of ['build 1', 'build 2', 'other']) await issue(gateway, admin, { name });
  await issue(gateway, admin, { name: 'build 3', owner });
  const { page, faults } = await open('/keys?search=build', { width: 320 });
  await page.getByRole('link', { name: 'build 3', exact: true }).waitFor();
  const number = await propose(page, 'Hold');
  await page.getByText('3 keys', { exact: true }).last().waitFor();
  await page.getByRole('dialog').getByText('Acme: 1', { exact: true }).waitFor();
  expect(await gateway.prisma.hold.count()).toBe(0);
  await expectAccessible(page);
  await keepPicture(page, 'change-keys');
  await number.fill('4');
  await number.press('Enter');
  await page.getByText('The number is 3.', { exact: true }).waitFor();
  await number.fill('3');
  await number.press('Enter');
  await page.getByRole('heading', { name: 'Hold keys', exact: true }).waitFor();
  await page.getByText('It changes keys now.', { exact: true }).waitFor();
  await press(page, 'Pause');
  await page.getByText('It is paused. No key changes until it goes on.', { exact: true }).waitFor();
  await press(page, 'Continue');
  await page.getByText('It changes keys now.', { exact: true }).waitFor();
  await gateway.node.operationLoop.runDue();
  await page.getByText('It has reached all of its keys.', { exact: true }).waitFor();
  expect(await gateway.prisma.hold.count()).toBe(3);
  await expectAccessible(page);
  await keepPicture(page, 'operation');
  await press(page, 'Undo');
  const undo = page.getByRole('dialog', { name: 'Undo: Hold keys', exact: true });
  await undo.getByText('It undoes the change of 3 keys').waitFor();
  await expectAccessible(page);
  await keepPicture(page, 'undo-operation');
  await undo.getByRole('button', { name: 'Undo the change of 3 keys', exact: true }).press('Enter');
  await page.getByText('It undoes its change now.', { exact: true }).waitFor();
  await gateway.node.operationLoop.runDue();
  await page.getByText(/^It was undone/).waitFor();
  expect(await gateway.prisma.hold.count()).toBe(0);
  // Who has left the page finds it by the events.
  await page.goto('/events?type=OPERATION_STARTED');
  await page.getByRole('link', { name: 'See the change', exact: true }).first().click();
  await page.getByRole('heading', { name: 'Hold keys', exact: true }).waitFor();
  expect(faults).toEqual([]);
});

test('console many keys: after a lost response the same request leads to the operation that it had started', async () => {
  const { gateway, open } = await openConsoleWorld();
  await issue(gateway, await gateway.admin(), { name: 'build 1' });
  const { page } = await open('/keys');
  await page.getByRole('link', { name: 'build 1', exact: true }).waitFor();
  const number = await propose(page, 'Hold');
  await page.getByRole('dialog').getByText('in Default, of these owners:').waitFor();
  let isLost = false;
  await page.route('**/graphql', async (route) => {
    if (isLost || route.request().postData()?.includes('mutation ChangeKeysOnPage') !== true) return route.fallback();
    isLost = true;
    await route.fetch();
    await route.abort();
  });
  await number.fill('1');
  await number.press('Enter');
  await page
    .getByText('The gateway did not answer, so this may be done or not. Try again: it is not done twice.', {
      exact: true,
    })
    .waitFor();
  await number.press('Enter');
  await page.getByRole('heading', { name: 'Hold keys', exact: true }).waitFor();
  expect(await gateway.prisma.operation.count()).toBe(1);
});

test('console many keys: labels are set and removed after a dry run that names them, and the change is undone', async () => {
  const { gateway, open } = await openConsoleWorld();
  const admin = await gateway.admin();
  const labels = [{ name: 'stage', value: 'old' }];
  for (const name of ['build 1', 'build 2']) await issue(gateway, admin, { name, labels });
  const { page, faults } = await open('/keys', { width: 320, theme: 'dark' });
  await page.getByRole('link', { name: 'build 1', exact: true }).waitFor();
  await press(page, 'Change these keys');
  await page.getByRole('combobox', { name: 'Change', exact: true }).selectOption('Set or remove labels');
  const set = page.getByRole('textbox', { name: 'Labels to set', exact: true });
  await set.fill('team');
  await page.getByRole('textbox', { name: 'Labels to remove', exact: true }).fill('stage');
  await page.getByRole('textbox', { name: 'Why', exact: true }).fill('teams moved');
  await press(page, 'Find the keys');
  await page.getByText('found “team”; expected name=value in each line', { exact: true }).waitFor();
  await expectAccessible(page);
  await keepPicture(page, 'change-keys-labels');
  await set.fill('team=core\n\nsite=berlin=mitte');
  await press(page, 'Find the keys');
  const number = page.getByRole('textbox', { name: 'Type the number of keys', exact: true });
  await page.getByRole('dialog').getByText('Set: team=core site=berlin=mitte', { exact: true }).waitFor();
  await page.getByRole('dialog').getByText('Remove: stage', { exact: true }).waitFor();
  await expectAccessible(page);
  await number.fill('2');
  await number.press('Enter');
  await page.getByText('It changes keys now.', { exact: true }).waitFor();
  await gateway.node.operationLoop.runDue();
  await page.getByText('It has reached all of its keys.', { exact: true }).waitFor();
  const stored = async () => (await gateway.prisma.label.findMany()).map(({ name, value }) => `${name}=${value}`);
  expect((await stored()).toSorted()).toEqual(['site=berlin=mitte', 'site=berlin=mitte', 'team=core', 'team=core']);
  await press(page, 'Undo');
  await press(page, 'Undo the change of 2 keys');
  await page.getByText('It undoes its change now.', { exact: true }).waitFor();
  await gateway.node.operationLoop.runDue();
  await page.getByText(/^It was undone/).waitFor();
  expect(await stored()).toEqual(['stage=old', 'stage=old']);
  expect(faults).toEqual([]);
});

test('console many keys: to revoke keys needs the password again, and where a setting says so a second person', async () => {
  const { gateway, open } = await openConsoleWorld({ approvalKeys: 1 });
  const admin = await gateway.admin();
  for (const name of ['build 1', 'build 2']) await issue(gateway, admin, { name });
  await gateway.person('Ann');
  await gateway.prisma.account.updateMany({ where: { name: 'Ann' }, data: { isAdministrator: true } });
  const { page } = await open('/keys', { theme: 'dark' });
  const number = await propose(page, 'Revoke');
  await number.fill('2');
  await press(page, 'Revoke for good');
  await page.getByRole('textbox', { name: 'Password', exact: true }).fill(ADMIN.password);
  await press(page, 'Continue');
  await page.getByText(/^It waits until a second person approves it/).waitFor();
  // The account that proposed it cannot approve it.
  expect(await page.getByRole('button', { name: 'Approve', exact: true }).count()).toBe(0);
  await expectAccessible(page);

  const credentials = { email: 'Ann@example.com', password: 'the password of Ann' };
  const { page: second } = await open(new URL(page.url()).pathname, { credentials });
  await second.goto('/');
  await second.getByRole('region', { name: 'Changes of many keys that wait for a second person' }).waitFor();
  await second.getByRole('link', { name: 'See incident 7', exact: true }).click();
  await press(second, 'Approve');
  const approve = second.getByRole('dialog', { name: 'Approve: Revoke keys', exact: true });
  await approve.getByText('Each ends for good: no one can bring it back.').waitFor();
  expect(await gateway.prisma.operation.count({ where: { state: 'AWAITING_APPROVAL' } })).toBe(1);
  await approve.getByRole('button', { name: 'Approve the change of 2 keys', exact: true }).press('Enter');
  await second.getByText('It changes keys now.', { exact: true }).waitFor();
  await gateway.node.operationLoop.runDue();
  await page.getByText('It has reached all of its keys.', { exact: true }).waitFor();
  expect(await gateway.prisma.key.count({ where: { revokedAt: { not: null } } })).toBe(2);
});

test('console many keys: a key is transferred; before, the page says what changes for whom', async () => {
  const { gateway, open } = await openConsoleWorld();
  const admin = await gateway.admin();
  const owner = await makeOrganization(gateway, admin);
  const { id } = await issue(gateway, admin, { name: 'nightly build' });
  const { page, faults } = await open(`/keys/${id}`);
  await page.getByRole('button', { name: 'Transfer', exact: true }).press('Enter');
  const dialog = page.getByRole('dialog', { name: 'Transfer nightly build', exact: true });
  await dialog.getByRole('searchbox', { name: 'New owner', exact: true }).fill('Ac');
  await dialog.getByRole('button', { name: 'Transfer', exact: true }).click();
  await dialog.getByText('Choose the new owner from those found, or paste the id.', { exact: true }).waitFor();
  await dialog.getByRole('button', { name: 'Acme', exact: true }).click();
  await dialog.getByText('Acme sees and manages the key from now on, and gets its notices.', { exact: true }).waitFor();
  await expectAccessible(page);
  await keepPicture(page, 'transfer');
  await dialog.getByRole('button', { name: 'Transfer', exact: true }).click();
  await dialog.waitFor({ state: 'hidden' });
  await page
    .getByRole('definition')
    .filter({ hasText: /^Acme$/ })
    .waitFor();
  expect(await gateway.prisma.key.findUnique({ where: { id }, select: { organizationId: true } })).toEqual({
    organizationId: owner,
  });
  expect(faults).toEqual([]);
});

test.each(forms)(
  'console many keys: the form, the review and the page of an operation are accessible (%s, %i px)',
  async (theme, width) => {
    const { gateway, open } = await openConsoleWorld();
    const admin = await gateway.admin();
    for (const name of ['build 1', 'build 2']) await issue(gateway, admin, { name });
    const { page, faults } = await open('/keys', { theme, width });
    const look = async (name: string) => {
      await expectAccessible(page);
      await keepPicture(page, `operation-${name}-${theme}-${width}`);
    };
    await page.getByRole('link', { name: 'build 1', exact: true }).waitFor();
    await press(page, 'Change these keys');
    await look('form');
    await page.keyboard.press('Escape');
    const number = await propose(page, 'Renew');
    await number.waitFor();
    await look('review');
    await number.fill('2');
    await number.press('Enter');
    await page.getByText('It changes keys now.', { exact: true }).waitFor();
    await look('running');
    await gateway.prisma.key.updateMany({ where: { name: 'build 1' }, data: { revokedAt: gateway.clock.now() } });
    await gateway.node.operationLoop.runDue();
    await page.getByText('It has reached all of its keys.', { exact: true }).waitFor();
    await look('ended');
    expect(faults).toEqual([]);
  },
);

test.each([
  ['light', 1280],
  ['dark', 320],
] as const)(
  'console many keys: the list of changes is filtered, leads to each, and is stopped after a question (%s, %i px)',
  async (theme, width) => {
    const { gateway, open } = await openConsoleWorld();
    const admin = await gateway.admin();
    await issue(gateway, admin, { name: 'build 1' });
    const { page, faults } = await open('/operations', { theme, width });
    await page.getByText('There is none.', { exact: true }).waitFor();
    const list = await page.context().newPage();
    await list.goto('/keys');
    await list.getByRole('link', { name: 'build 1', exact: true }).waitFor();
    const number = await propose(list, 'Hold');
    await number.fill('1');
    await number.press('Enter');
    await list.getByRole('heading', { name: 'Hold keys', exact: true }).waitFor();
    await list.close();
    // It appears without a reload.
    const link = page.getByRole('link', { name: /^Hold keys/ });
    await link.waitFor();
    await expectAccessible(page);
    await keepPicture(page, `operations-${theme}-${width}`);
    await page.getByRole('combobox', { name: 'State', exact: true }).selectOption('Done');
    await page.getByText('There is none.', { exact: true }).waitFor();
    expect(new URL(page.url()).search).toBe('?state=DONE');
    await page.getByRole('combobox', { name: 'State', exact: true }).selectOption('Runs');
    await link.press('Enter');
    await press(page, 'Stop');
    const dialog = page.getByRole('dialog', { name: 'Stop: Hold keys', exact: true });
    await dialog.getByText('Changed already, and left so: 0 keys. Left as they are: 1 key.').waitFor();
    await page.keyboard.press('Escape');
    await press(page, 'Stop');
    await dialog.getByRole('button', { name: 'Stop for good', exact: true }).press('Enter');
    await page.getByText(/^It was stopped/).waitFor();
    expect(await gateway.prisma.hold.count()).toBe(0);
    expect(faults).toEqual([]);
  },
);

test('console many keys: a member sees no change of others in the list, and reads that one does not exist for it', async () => {
  const { gateway, open } = await openConsoleWorld();
  await gateway.person('pia');
  const credentials = { email: 'pia@example.com', password: 'the password of pia' };
  const { page, faults } = await open('/operations', { credentials });
  await page.getByText('You see those that you may manage').waitFor();
  await page.getByText('There is none.', { exact: true }).waitFor();
  await page.goto('/operations/operation_00000000000000000000000000');
  await page.getByRole('heading', { name: 'There is no such operation', exact: true }).waitFor();
  expect(faults).toEqual([]);
});
