import { expect, test } from 'vitest';
import { DAY_MS } from '../../src/domain/duration.ts';
import { expectAccessible, keepPicture, openConsoleWorld, type ConsoleWorld } from '../support/browser.ts';
import { issue } from '../support/issue.ts';
import { VERIFY_KEY } from '../support/operations.ts';

/** A key that the nightly job of acme/core uses. */
async function openUsedKey({ gateway }: ConsoleWorld) {
  const key = await issue(gateway, await gateway.admin(), { name: 'nightly build', lifetime: 'P40D' });
  const use = async (secret = key.secret) => {
    const input = { secret, action: 'package:push', resource: 'Acme.Core', consumer: 'github.com/acme/core' };
    const { data } = await gateway.ask(VERIFY_KEY, { input }, await gateway.admin());
    await gateway.services.uses.flush();
    return data['verifyKey'].outcome as string;
  };
  await use();
  return { ...key, use };
}

test('console changes: a key is held and resumed by keyboard; before, the page says who will be refused', async () => {
  const world = await openConsoleWorld();
  const { id, use } = await openUsedKey(world);
  const { page, faults } = await world.open(`/keys/${id}`);
  const hold = page.getByRole('button', { name: 'Hold', exact: true });
  await hold.press('Enter');
  const dialog = page.getByRole('dialog', { name: 'Hold the key nightly build', exact: true });
  await dialog.getByText('github.com/acme/core').waitFor();
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'hidden' });
  expect(await hold.evaluate((element: any) => element === element.ownerDocument.activeElement)).toBe(true);
  await page.keyboard.press('Enter');
  await dialog.getByRole('textbox', { name: 'Why', exact: true }).fill('The job is rebuilt.');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: /^The key is held/ }).waitFor();
  expect(await use()).toBe('KEY_HELD');
  await page.getByRole('button', { name: 'Resume', exact: true }).press('Enter');
  await page.getByRole('dialog').getByRole('button', { name: 'Resume', exact: true }).press('Enter');
  await page.getByText('Active', { exact: true }).waitFor();
  expect(await use()).toBe('VALID');
  expect(faults).toEqual([]);
});

test('console changes: a rotation shows its secret once, which Escape does not close, and then who has moved', async () => {
  const world = await openConsoleWorld();
  const { id, use } = await openUsedKey(world);
  const { page, faults } = await world.open(`/keys/${id}`);
  await page.getByRole('button', { name: 'Rotate', exact: true }).click();
  const dialog = page.getByRole('dialog', { name: 'Rotate nightly build', exact: true });
  await dialog.getByRole('radio', { name: '7 days', exact: true }).check();
  await dialog.getByRole('button', { name: 'Rotate', exact: true }).click();
  const shown = page.getByRole('dialog', { name: 'The new secret', exact: true });
  const secret = (await shown.getByRole('group', { name: 'Secret', exact: true }).innerText()).trim();
  expect(secret).toMatch(/^kt_[0-9A-Za-z]{49}$/);
  await page.keyboard.press('Escape');
  await page.keyboard.press('Escape');
  expect(await shown.isVisible()).toBe(true);
  await expectAccessible(page);
  await keepPicture(page, 'new-secret');
  await shown.getByRole('button', { name: 'I have stored it', exact: true }).click();
  await shown.waitFor({ state: 'hidden' });
  expect(await page.content()).not.toContain(secret);
  await page.getByText('still uses the old secret').waitFor();
  expect(await use(secret)).toBe('VALID');
  await page.reload();
  await page.getByText('uses the new secret', { exact: true }).waitFor();
  await page.getByRole('button', { name: 'Undo the rotation', exact: true }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Undo', exact: true }).click();
  await page.getByText('Rotation undone', { exact: true }).waitFor();
  expect(faults).toEqual([]);
});

test('console changes: an expired key is rescued; a revoked one can no longer be changed', async () => {
  const world = await openConsoleWorld();
  const { id, use } = await openUsedKey(world);
  await world.gateway.travel(41 * DAY_MS);
  const { page } = await world.open(`/keys/${id}`);
  await page.getByText('Expired', { exact: true }).first().waitFor();
  await page.getByRole('button', { name: 'Rescue', exact: true }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Renew', exact: true }).click();
  await page.getByText('Active', { exact: true }).waitFor();
  expect(await use()).toBe('VALID');
  await page.getByRole('button', { name: 'Revoke', exact: true }).click();
  await page.getByRole('textbox', { name: 'Why', exact: true }).fill('It is replaced.');
  await expectAccessible(page);
  await page.getByRole('button', { name: 'Revoke for good', exact: true }).click();
  await page.getByText('Revoked', { exact: true }).first().waitFor();
  for (const name of ['Renew', 'Rescue', 'Rotate', 'Hold', 'Resume', 'Revoke']) {
    expect(await page.getByRole('button', { name, exact: true }).count(), name).toBe(0);
  }
});

test('console changes: a refusal of the gateway is shown in the dialog, which stays open', async () => {
  const world = await openConsoleWorld();
  const { id } = await openUsedKey(world);
  const { page } = await world.open(`/keys/${id}`);
  await page.getByRole('button', { name: 'Hold', exact: true }).click();
  await page.getByRole('textbox', { name: 'Why', exact: true }).fill('Look again.');
  await world.gateway.prisma.session.updateMany({ data: { endedAt: world.gateway.clock.now() } });
  await page.getByRole('dialog').getByRole('button', { name: 'Hold', exact: true }).click();
  await page.getByText('Your session has ended. Sign in again.', { exact: true }).waitFor();
  expect(await page.getByText('nightly build').count()).toBe(0);
});
