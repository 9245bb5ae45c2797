import { expect, test } from 'vitest';
import { DAY_MS } from '../../src/domain/duration.ts';
import { expectAccessible, keepPicture, openConsoleWorld, type ConsoleWorld } from '../support/browser.ts';
import { issue } from '../support/issue.ts';
import { ROTATE_KEY, VERIFY_KEY } from '../support/operations.ts';

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
  const consumer = page.getByRole('link', { name: 'github.com/acme/core', exact: true });
  expect(await consumer.getAttribute('href')).toBe('/keys?consumer=github.com%2Facme%2Fcore');
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

test('console changes: a rotation is ended by keyboard; before, the page says which consumers have not moved', async () => {
  const world = await openConsoleWorld();
  const { id, secret, use } = await openUsedKey(world);
  const { page, faults } = await world.open(`/keys/${id}`);
  await page.getByText('Live', { exact: true }).waitFor();
  // Before the page next reads the time by itself.
  world.gateway.clock.advance(5_000);
  await page.clock.setFixedTime(world.gateway.clock.now());
  const admin = await world.gateway.admin();
  const { data } = await world.gateway.ask(ROTATE_KEY, { input: { keyId: id, gracePeriod: 'P7D' } }, admin);
  await page.getByRole('listitem').filter({ hasText: 'just now Rotation started' }).waitFor();
  await page.getByRole('button', { name: 'End the rotation', exact: true }).press('Enter');
  const dialog = page.getByRole('dialog', { name: 'End the rotation of nightly build', exact: true });
  await dialog.getByText('github.com/acme/core has not used the new secret').waitFor();
  await expectAccessible(page);
  await keepPicture(page, 'end-the-rotation');
  await page.keyboard.press('Escape');
  expect(await use(data['rotateKey'].secret)).toBe('VALID');
  await page.reload();
  await page.getByRole('button', { name: 'End the rotation', exact: true }).press('Enter');
  await dialog.getByText('Every consumer that was seen with the old secret has used the new one.').waitFor();
  await dialog.getByRole('button', { name: 'Retire the old secret', exact: true }).press('Enter');
  await page.getByText('Rotation completed', { exact: true }).waitFor();
  expect(await use(secret)).toBe('SECRET_RETIRED');
  expect(await page.getByRole('button', { name: 'End the rotation', exact: true }).count()).toBe(0);
  expect(faults).toEqual([]);
});

test('console changes: an expired key is rescued; a revoked one can no longer be changed', async () => {
  const world = await openConsoleWorld();
  const { id, use } = await openUsedKey(world);
  await world.gateway.travel(41 * DAY_MS);
  const { page } = await world.open(`/keys/${id}`);
  await page.getByText('Expired', { exact: true }).first().waitFor();
  await page.getByText('It expired on 2 Jan 2027').waitFor();
  await page.getByRole('button', { name: 'Rescue', exact: true }).click();
  const rescue = page.getByRole('dialog', { name: 'Rescue the key nightly build', exact: true });
  const life = rescue.getByRole('combobox', { name: 'How long it lives from now', exact: true });
  await life.selectOption('90 days');
  await keepPicture(page, 'rescue');
  await rescue.getByRole('button', { name: 'Rescue', exact: true }).click();
  await page.getByText('in 90 days').first().waitFor();
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

test('console changes: what people wrote about a key is changed, and an earlier end; what is left alone stays', async () => {
  const { gateway, open } = await openConsoleWorld();
  const labels = [
    { name: 'team', value: 'core' },
    { name: 'stage', value: 'old' },
  ];
  const { id } = await issue(gateway, await gateway.admin(), { name: 'nightly build', lifetime: 'P90D', labels });
  const { page, faults } = await open(`/keys/${id}`, { width: 320 });
  await page.getByRole('button', { name: 'Change', exact: true }).press('Enter');
  await page.getByRole('textbox', { name: 'Name', exact: true }).fill('nightly build of acme/core');
  await page.getByRole('textbox', { name: 'Description (not required)', exact: true }).fill('Runs at 2 am.\nAsk Pia.');
  const lines = page.getByRole('textbox', { name: 'Labels (not required)', exact: true });
  await lines.fill('team=core\nsite');
  await page.getByText('found “site”; expected name=value in each line', { exact: true }).waitFor();
  await lines.fill('team=core\nsite=berlin');
  await page.getByLabel('Last day, if it is to end earlier (not required)', { exact: true }).fill('2026-12-24');
  await expectAccessible(page);
  await keepPicture(page, 'change-key');
  await page.getByRole('dialog').getByRole('button', { name: 'Change', exact: true }).click();
  await page.getByRole('heading', { name: 'nightly build of acme/core', exact: true }).waitFor();
  const key = await gateway.prisma.key.findUniqueOrThrow({ where: { id }, include: { labels: true } });
  expect(key).toMatchObject({ description: 'Runs at 2 am.\nAsk Pia.', expiresAt: new Date('2026-12-24T22:59:59Z') });
  expect(key.labels.map(({ name, value }) => `${name}=${value}`).toSorted()).toEqual(['site=berlin', 'team=core']);
  await page.getByText('Updated', { exact: true }).waitFor();
  expect(faults).toEqual([]);
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
