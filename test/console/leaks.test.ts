import { expect, test } from 'vitest';
import { expectAccessible, forms, keepPicture, openWindow, type WindowOptions } from '../support/browser.ts';
import { issue } from '../support/issue.ts';
import { openLeakWorld } from '../support/leak-world.ts';

/** A console whose gateway accepts reports of leaked secrets. */
async function openLeakConsole() {
  let url = 'http://127.0.0.1:0';
  const leaks = await openLeakWorld({ publicUrl: () => url });
  url = leaks.gateway.url;
  return { ...leaks, open: (path: string, options: WindowOptions = {}) => openWindow(leaks.gateway, path, options) };
}

const PLACE = 'https://github.com/octocat/Hello-World/blob/12345600b9cbe38a219f39a9941c9319b600c002/foo/bar.txt';

test('console leaks: a report appears with its place and what to do, which changes with the key', async () => {
  const { world, report, record, open } = await openLeakConsole();
  const key = await world.key();
  const { page, faults } = await open('/leaks');
  await page.getByText('No secret was reported as leaked.', { exact: true }).waitFor();
  await page.getByText('Live', { exact: true }).waitFor();
  await report(record(key.secret));
  const leak = page.getByRole('list', { name: 'Leaks, the newest first' }).getByRole('listitem').first();
  await leak.getByText(PLACE, { exact: true }).waitFor();
  await leak.getByText('the key was held').waitFor();
  await leak.getByText('Rotate the key so that the old secret ends now').waitFor();
  expect(await page.content()).not.toContain(key.secret);
  await world.mutate('rotateKey', { keyId: key.id, gracePeriod: 'PT0S' }, 'secret');
  await leak.getByText('Deploy it, then resume the key.').waitFor();
  await world.mutate('resumeKey', { keyId: key.id }, 'key { id }');
  await leak.getByText('Nothing: the secret that leaked no longer works.').waitFor();
  await leak.getByRole('link').first().press('Enter');
  await page.getByText('Active', { exact: true }).waitFor();
  expect(faults).toEqual([]);
});

test('console leaks: a key that was resumed with the leaked secret needs a rotation; a revoked one is over', async () => {
  const { gateway, world, report, record, open } = await openLeakConsole();
  const hostile = '<img src=x onerror="alert(1)">2026-99-99';
  const first = await issue(gateway, await gateway.admin(), { name: hostile });
  const second = await world.key();
  const place = { url: 'javascript:alert(1)', source: hostile };
  await report(record(first.secret, place), record(second.secret, place));
  await world.mutate('resumeKey', { keyId: first.id }, 'key { id }');
  await world.mutate('revokeKey', { keyId: second.id, reason: 'It leaked.' }, 'key { id }');
  const { page, faults } = await open('/leaks');
  await page.getByText('The secret that leaked works. Rotate the key now').waitFor();
  await page.getByText('The key has ended for good.').waitFor();
  await page.getByText(hostile, { exact: true }).waitFor();
  expect(await page.locator('main a[href^="javascript"], main img').count()).toBe(0);
  await page.getByRole('link', { name: 'To the key', exact: true }).click();
  await page.getByRole('button', { name: 'Rotate', exact: true }).waitFor();
  expect(faults).toEqual([]);
});

test.each(forms)('console leaks: the list is accessible (%s, %i px)', async (theme, width) => {
  const { world, report, record, open } = await openLeakConsole();
  const [first, second] = [await world.key(), await world.key()];
  await report(record(first.secret), record(second.secret));
  await world.mutate('revokeKey', { keyId: second.id, reason: 'It leaked.' }, 'key { id }');
  const { page, faults } = await open('/leaks', { theme, width });
  await page.getByText('the key was held').first().waitFor();
  await expectAccessible(page);
  await keepPicture(page, `leaks-${theme}-${width}`);
  expect(faults).toEqual([]);
});
