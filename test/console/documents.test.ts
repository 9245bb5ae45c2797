import { expect, test } from 'vitest';
import { expectAccessible, forms, keepPicture, openConsoleWorld } from '../support/browser.ts';

// What the functions find that run in the page.
declare const document: any;

test.each(forms)(
  'documents: pages and the search are accessible and keep their policy (%s, %i px)',
  async (theme, width) => {
    const { open } = await openConsoleWorld();
    const { page, faults } = await open('/docs', { theme, width, credentials: null });
    await expectAccessible(page);
    await keepPicture(page, `docs-${theme}-${width}`);
    for (const path of ['/docs/guides/renew', '/docs/settings', '/docs/errors/KEY_EXPIRED']) {
      await page.goto(path);
      await page.getByRole('heading', { level: 1 }).waitFor();
      await expectAccessible(page);
    }
    await page.keyboard.press('/');
    await page.keyboard.type('rotate secret');
    await page.getByRole('list', { name: 'Results' }).waitFor();
    await expectAccessible(page);
    await keepPicture(page, `docs-search-${theme}-${width}`);
    expect(faults).toEqual([]);
  },
);

test('documents: a reader finds a page with the keyboard alone, and Escape closes the results', async () => {
  const { open } = await openConsoleWorld();
  const { page, faults } = await open('/');
  await page.getByRole('contentinfo').getByRole('link', { name: 'Documents', exact: true }).press('Enter');
  await page.getByRole('heading', { level: 1, name: 'Keytide documents', exact: true }).waitFor();
  await page.keyboard.press('/');
  await page.keyboard.type('rotation pending');
  const results = page.getByRole('list', { name: 'Results' });
  await results.waitFor();
  expect(await page.getByRole('status').textContent()).toMatch(/^\d+ results$/);
  await page.keyboard.press('Escape');
  await results.waitFor({ state: 'hidden' });
  expect(await page.evaluate(() => document.activeElement?.id)).toBe('site-query');
  await page.keyboard.type(' ');
  await results.waitFor();
  for (let step = 0; step < 3; step += 1) await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowUp');
  const name = await page.evaluate(() => document.activeElement?.querySelector('strong')?.textContent);
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/docs\/.+/);
  expect(await page.getByRole('heading', { name, exact: true }).count()).toBeGreaterThan(0);
  await page.keyboard.press('/');
  await page.keyboard.type('zeppelin');
  await page.getByText('Nothing found for zeppelin', { exact: true }).waitFor();
  expect(faults).toEqual([]);
});
