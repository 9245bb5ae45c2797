import { expect, test } from 'vitest';
import { expectAccessible, forms, keepPicture, openConsoleWorld } from '../support/browser.ts';
import { makeOwnersWithKeys } from '../support/owners-with-keys.ts';
import { changeKey } from '../support/operations.ts';

const SUMMARY = /^\d+ keys stop in this time, \d+ of them unless a person acts\./;

test('console timeline: by mouse and keyboard a lane opens into its keys, a period is read out, and the address has it all', async () => {
  const { gateway, open } = await openConsoleWorld();
  const owners = await makeOwnersWithKeys(gateway, { owners: 6, keys: 600 });
  const { page, faults } = await open('/');
  await page.getByRole('link', { name: 'The whole timeline', exact: true }).click();
  await page.getByRole('heading', { name: 'What stops, and when', exact: true }).waitFor();
  expect(await page.evaluate(() => (globalThis as any).document.activeElement.tagName)).toBe('H1');
  await page.getByText(SUMMARY).waitFor();
  const owner = (name: string) => page.getByRole('button', { name, exact: true });
  await owner('Platform').press('Enter');
  expect(new URL(page.url()).searchParams.getAll('open')).toEqual([owners.get('Platform')]);
  const keys = page.getByRole('list', { name: 'Owners', exact: true }).getByRole('link');
  await keys.first().waitFor();
  expect(await keys.first().textContent()).toMatch(
    /^platform-\w+ \d+ stops \d+ \w+ 20\d\d, in \d+ (minute|hour|day)s?(, by hand)?$/,
  );
  // The arrow keys say what is in a period; the pointer shows it.
  await owner('Platform').press('ArrowRight');
  await page
    .getByRole('status')
    .getByText(/^Platform, .* 20\d\d: \d+ stops?/)
    .waitFor();
  await page.getByRole('button', { name: 'Quarter', exact: true }).click();
  await page.getByRole('button', { name: 'Later', exact: true }).press('Enter');
  const { searchParams } = new URL(page.url());
  expect([searchParams.get('span'), searchParams.get('from')]).toEqual(['quarter', expect.stringMatching(/^20/)]);
  await page.reload();
  await page.getByText(SUMMARY).waitFor();
  expect(await owner('Platform').getAttribute('aria-expanded')).toBe('true');
  await page.getByRole('button', { name: 'Now', exact: true }).click();
  await page.getByRole('button', { name: 'As a table', exact: true }).click();
  const table = page.getByRole('table');
  await table.getByRole('row').nth(20).waitFor();
  const sum = async () => {
    const cells = await table
      .getByRole('row')
      .evaluateAll((rows: any[]) =>
        rows.slice(1).map((row) => Number(row.cells[1].innerText) + Number(row.cells[2].innerText)),
      );
    return cells.reduce((total, count) => total + count, 0);
  };
  // The table has the numbers of the summary.
  const total = Number(/^\d+/.exec(await page.getByText(SUMMARY).innerText())?.[0]);
  await page.getByRole('button', { name: /^Show \d+ more periods$/ }).click();
  expect(await sum()).toBe(total);
  await page.getByRole('combobox', { name: 'Owner', exact: true }).selectOption('Platform');
  await page.getByRole('link', { name: 'The keys of Platform', exact: true }).waitFor();
  expect(await sum()).toBeLessThan(total);
  await page.goBack();
  await owner('Platform').waitFor();
  expect(faults).toEqual([]);
});

test('console timeline: what is held or issued elsewhere appears in an open lane', async () => {
  const { gateway, open } = await openConsoleWorld();
  const owners = await makeOwnersWithKeys(gateway, { owners: 2, keys: 20 });
  const admin = await gateway.admin();
  const organizationId = owners.get('Platform')!;
  const { id, name } = await gateway.prisma.key.findFirstOrThrow({
    where: { organizationId },
    orderBy: { stopsAt: 'asc' },
  });
  const { page, faults } = await open(`/timeline?open=${organizationId}`);
  await page.getByText('Live', { exact: true }).waitFor();
  const key = page.getByRole('link').filter({ hasText: name });
  await key.waitFor();
  expect(await key.textContent()).not.toContain('held');
  await gateway.ask(changeKey('holdKey'), { input: { keyId: id, reason: 'Under review.' } }, admin);
  await key.filter({ hasText: 'held' }).waitFor();
  await gateway.ask(changeKey('revokeKey'), { input: { keyId: id, reason: 'Replaced.' } }, admin);
  await key.waitFor({ state: 'detached' });
  expect(faults).toEqual([]);
});

test.each(forms)('console timeline: every view is accessible (%s, %i px)', async (theme, width) => {
  const { gateway, open } = await openConsoleWorld();
  await makeOwnersWithKeys(gateway, { owners: 12, keys: 800 });
  const { page, faults } = await open('/timeline', { theme, width });
  await page.getByText(SUMMARY).waitFor();
  await page.getByRole('button', { name: 'Platform', exact: true }).waitFor();
  await page.getByRole('list', { name: 'Owners', exact: true }).hover({ position: { x: width / 2, y: 70 } });
  await expectAccessible(page);
  await keepPicture(page, `timeline-${theme}-${String(width)}`);
  for (const span of ['quarter', 'week', 'day']) {
    await page.goto(`/timeline?span=${span}`);
    const lanes = page.getByRole('list', { name: 'Owners', exact: true });
    await lanes.getByRole('button').first().click();
    await lanes.getByRole('link').first().waitFor();
    await keepPicture(page, `timeline-${span}-${theme}-${String(width)}`);
  }
  await expectAccessible(page);
  await page.goto('/timeline?view=table&span=week');
  await page.getByRole('table').waitFor();
  await expectAccessible(page);
  await keepPicture(page, `timeline-table-${theme}-${String(width)}`);
  expect(faults).toEqual([]);
});
