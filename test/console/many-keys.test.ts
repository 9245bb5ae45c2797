import { expect, test } from 'vitest';
import { DAY_MS, MINUTE_MS } from '../../src/domain/duration.ts';
import { openConsoleWorld } from '../support/browser.ts';
import { makeManyKeys } from '../support/many-keys.ts';

// What the functions find that run in the page.
declare const document: any;
declare const window: any;

/** The most elements that the page may have, however long the list is. */
const ELEMENTS_MAX = 600;

const COUNT = 3_000;

test('console keys: of thousands of keys only those in view are in the page, and scrolling reads all of them', async () => {
  const { gateway, open } = await openConsoleWorld();
  const { prisma, clock, services } = gateway;
  const realm = await prisma.realm.findUniqueOrThrow({ where: { slug: 'default' } });
  const account = await prisma.account.findFirstOrThrow();
  const stops = clock.now().getTime() + 30 * DAY_MS;
  const keys = Array.from({ length: COUNT }, (_, index) => {
    const stopsAt = new Date(stops + index * MINUTE_MS);
    const ends = { expiresAt: stopsAt, chosenExpiresAt: stopsAt, stopsAt, stopsBasis: 'HARD' as const };
    return { name: `key ${String(index + 1)}`, accountId: account.id, ...ends };
  });
  await makeManyKeys(services, realm.id, keys);
  const { page, faults } = await open('/keys');
  await page.getByText('3,000 keys', { exact: true }).waitFor();
  await page.getByRole('link', { name: 'key 1', exact: true }).waitFor();
  const countElements = () => page.evaluate(() => document.querySelectorAll('*').length as number);
  expect(await countElements()).toBeLessThan(ELEMENTS_MAX);
  const last = page.getByRole('link', { name: `key ${String(COUNT)}`, exact: true });
  await expect
    .poll(
      async () => {
        await page.evaluate(() => window.scrollTo(0, document.documentElement.scrollHeight));
        expect(await countElements()).toBeLessThan(ELEMENTS_MAX);
        return last.count();
      },
      { timeout: 90_000 },
    )
    .toBe(1);
  // One page after the other, and none twice.
  expect(await page.getByRole('table', { name: 'Keys', exact: true }).getAttribute('aria-rowcount')).toBe('3001');
  expect(faults).toEqual([]);
});
