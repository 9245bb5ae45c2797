import { expect, test } from 'vitest';
import { describeSettings } from '../../src/settings/describe-settings.ts';
import { expectAccessible, forms, keepPicture, openConsoleWorld } from '../support/browser.ts';
import { MARKER } from '../support/canary.ts';

const environment = {
  DATABASE_URL: `postgresql://keytide:${MARKER}@db:5432/keytide`,
  KEYTIDE_SMTP_URL: `smtps://keytide:${MARKER}@mail:465`,
  KEYTIDE_LOG_LEVEL: 'debug',
  KEYTIDE_ALLOWED_ORIGINS: 'https://<img-src=x>.example',
};

test('console gateway: an administrator sees the settings in force without secrets, and the nodes that run', async () => {
  const { gateway, open } = await openConsoleWorld({ settings: describeSettings(environment) });
  const before = { id: 'node_before', seenAt: gateway.clock.now(), hashes: ['ab'.repeat(32)], current: [] };
  await gateway.prisma.node.create({ data: before });
  const { page, faults } = await open('/settings');
  await page.getByRole('link', { name: 'This gateway', exact: true }).press('Enter');
  await page.getByRole('heading', { name: 'This gateway', exact: true }).waitFor();
  const settings = page.getByRole('list', { name: 'Settings in force', exact: true });
  await settings.getByText('KEYTIDE_LOG_LEVEL', { exact: true }).waitFor();
  expect(await settings.getByRole('listitem').count()).toBe(describeSettings({}).length);
  await page.getByRole('checkbox', { name: 'Only those that are given', exact: true }).press('Space');
  expect((await settings.getByRole('listitem').allInnerTexts()).map((text) => text.split('\n')[0]?.trim())).toEqual([
    'DATABASE_URL set, not shown from the environment',
    'KEYTIDE_SMTP_URL set, not shown from the environment',
    'KEYTIDE_LOG_LEVEL debug from the environment',
    'KEYTIDE_ALLOWED_ORIGINS https://<img-src=x>.example from the environment',
  ]);
  await page.getByRole('searchbox', { name: 'Setting', exact: true }).fill('mail server');
  await settings.getByText('KEYTIDE_LOG_LEVEL', { exact: true }).waitFor({ state: 'hidden' });
  expect(await page.content()).not.toContain(MARKER);

  const nodes = page.getByRole('list', { name: 'Running nodes', exact: true });
  await nodes.getByText('answers this page', { exact: true }).waitFor();
  await nodes.getByText('node_before', { exact: true }).waitFor();
  await page.getByText('The nodes run different releases.').waitFor();
  await nodes.getByText('1 version', { exact: true }).click();
  await nodes.getByText('not on the node that answers').waitFor();
  // A gateway whose timers stand still is not ready.
  expect(faults.filter((fault) => !fault.includes('status of 503'))).toEqual([]);
});

test('console gateway: a person who is not an administrator reads who may see it, and sees no link', async () => {
  const { gateway, open } = await openConsoleWorld();
  await gateway.person('pia');
  const credentials = { email: 'pia@example.com', password: 'the password of pia' };
  const { page, faults } = await open('/settings/gateway', { credentials });
  await page.getByText('Only administrators of this gateway can use this page.', { exact: true }).waitFor();
  await page.getByRole('link', { name: 'your own settings', exact: true }).click();
  await page.getByRole('heading', { name: 'Password', exact: true }).waitFor();
  expect(await page.getByRole('link', { name: 'This gateway', exact: true }).count()).toBe(0);
  expect(faults).toEqual([]);
});

test.each(forms)('console gateway: the page is accessible (%s, %i px)', async (theme, width) => {
  const { open } = await openConsoleWorld({ settings: describeSettings(environment) });
  const { page } = await open('/settings/gateway', { theme, width });
  await page.getByText('KEYTIDE_LOG_LEVEL', { exact: true }).waitFor();
  await page.getByText('answers this page', { exact: true }).waitFor();
  await expectAccessible(page);
  await keepPicture(page, `gateway-${theme}-${width}`);
  await page.getByRole('heading', { name: 'Settings in force', exact: true }).scrollIntoViewIfNeeded();
  await page.mouse.wheel(0, 600);
  await page.getByText('KEYTIDE_LOG_LEVEL', { exact: true }).scrollIntoViewIfNeeded();
  await keepPicture(page, `gateway-settings-${theme}-${width}`);
});
