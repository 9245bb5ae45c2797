import type { Locator, Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { DAY_MS } from '../../src/domain/duration.ts';
import { expectAccessible, keepPicture } from '../support/browser.ts';
import {
  breakConsumer,
  openAnsweredRollout,
  openRolloutPages,
  passStages,
  proposeInConsole,
  ROLLOUT_TITLE,
} from '../support/rollout-pages.ts';

const heading = (page: Page, name: string) => page.getByRole('heading', { name, exact: true });
const button = (page: Page | Locator, name: string) => page.getByRole('button', { name, exact: true });
const stages = (page: Page) => page.getByRole('list', { name: 'Stages', exact: true }).getByRole('listitem');

test('console rollouts: it is paused, resumed and undone, each after the page says what that does; two windows show it live', async () => {
  const { gateway, open, rolloutId } = await openRolloutPages();
  await passStages(gateway, 15 * DAY_MS);
  await passStages(gateway, 8 * DAY_MS);
  const { page, faults } = await open(`/rollouts/${rolloutId}`);
  const list = await open('/rollouts?state=OPEN');
  for (const one of [page, list.page]) await one.getByText('Live', { exact: true }).waitFor();
  await list.page.getByText('Stage 3 of 5: Cohort, 5 %', { exact: true }).waitFor();
  expect(await stages(page).nth(2).getAttribute('aria-current')).toBe('step');
  expect(await stages(page).nth(0).innerText()).toContain('Began 23 Nov 2026');
  expect(await stages(page).nth(4).innerText()).toMatch(/From \d+ Mar 2027 at the earliest, for 45 days at least/);
  await page.getByText(/^Nothing broke in the realm/).waitFor();

  await button(page, 'Pause').press('Enter');
  const dialog = page.getByRole('dialog');
  await dialog.getByText(/a key that this stage stops still stops on its day/).waitFor();
  await dialog.getByRole('textbox', { name: 'Why (not required)', exact: true }).fill('It is the week of releases.');
  await page.keyboard.press('Enter');
  await page.getByText('Paused', { exact: true }).first().waitFor();
  const listed = list.page.getByRole('list', { name: 'Rollouts', exact: true });
  await listed.getByText('Paused', { exact: true }).waitFor();
  await page.getByText('It is the week of releases.', { exact: true }).first().waitFor();
  expect(await button(page, 'Pause').count()).toBe(0);
  await expectAccessible(page);
  await keepPicture(page, 'rollout-paused-light-1280');

  await button(page, 'Resume').click();
  await dialog.getByText(/the time of the pause does not count/).waitFor();
  await button(dialog, 'Resume').click();
  await page.getByText('Running', { exact: true }).first().waitFor();

  await button(page, 'Undo').press('Enter');
  await dialog.getByText(/^The policy is bound no longer, at once and for all keys/).waitFor();
  await button(dialog, 'Undo it').press('Enter');
  await page.getByText('Undone', { exact: true }).first().waitFor();
  await page.getByText('It was undone: the policy is not bound.', { exact: true }).waitFor();
  expect(await button(page, 'Undo').count()).toBe(0);
  expect(await stages(page).nth(4).innerText()).toContain('It never began.');
  // The list of those that have not ended loses it.
  await list.page.getByText('There is none.', { exact: true }).waitFor();
  await passStages(gateway, 0);
  await heading(page, 'What happened').waitFor();
  await keepPicture(page, 'rollout-undone-light-1280');
  expect([...faults, ...list.faults]).toEqual([]);
});

test('console rollouts: an objection is replied to, an exception is granted until a day, another is refused', async () => {
  const { gateway, open, rolloutId, ask } = await openAnsweredRollout();
  const { page, faults } = await open(`/rollouts/${rolloutId}`);
  await page.getByText('Live', { exact: true }).waitFor();
  await page.getByText(/^It holds the next stage until it has a reply/).waitFor();
  await page
    .getByRole('list', { name: '“Shadow” waits', exact: true })
    .getByText(/^An owner objects/)
    .waitFor();
  await button(page, 'Reply to Acme').first().press('Enter');
  const dialog = page.getByRole('dialog');
  await dialog.getByText('We release once a year, in March.', { exact: true }).waitFor();
  await dialog
    .getByRole('textbox', { name: 'Reply', exact: true })
    .fill('Keys that CI uses count as used.\nSee the guide.');
  await button(dialog, 'Reply').press('Enter');
  await page.getByText(/^It holds the next stage/).waitFor({ state: 'hidden' });
  await page.getByText(/^An owner objects/).waitFor({ state: 'hidden' });

  await button(page, 'Grant the exception of Acme').click();
  await dialog.getByLabel('Ends earlier, on (not required)', { exact: true }).fill('2027-01-31');
  await dialog.getByRole('textbox', { name: 'Why, for the owner', exact: true }).fill('Until January.');
  await button(dialog, 'Grant').click();
  await page.getByText('Granted', { exact: true }).waitFor();
  const granted = await gateway.prisma.rolloutException.findFirstOrThrow();
  expect(granted).toMatchObject({ state: 'GRANTED', decision: 'Until January.' });
  expect(granted.until.toISOString()).toBe('2027-01-31T22:59:59.000Z');

  await ask('We need more.');
  await button(page, 'Refuse the exception of Acme').press('Enter');
  await dialog.getByRole('textbox', { name: 'Why, for the owner', exact: true }).fill('One is enough.');
  await button(dialog, 'Refuse').press('Enter');
  await page.getByText('Refused', { exact: true }).waitFor();
  expect(await button(page, 'Grant the exception of Acme').count()).toBe(0);
  expect(faults).toEqual([]);
});

test('console rollouts: an inconclusive one says that nothing is known, and its next stage is begun by a person', async () => {
  const { gateway, open, rolloutId } = await openRolloutPages();
  for (const days of [15, 8, 46]) await passStages(gateway, days * DAY_MS);
  const { page, faults } = await open(`/rollouts/${rolloutId}`);
  await page.getByText('Inconclusive', { exact: true }).first().waitFor();
  await page.getByText(/whether it breaks anything is not known/).waitFor();
  await expectAccessible(page);
  await keepPicture(page, 'rollout-inconclusive-light-1280');
  expect(await button(page, 'Run again').count()).toBe(1);
  await button(page, 'Begin “Cohort, 50 %”').press('Enter');
  await page
    .getByRole('dialog')
    .getByText(/^Whether this stage broke anything is not known/)
    .waitFor();
  await button(page.getByRole('dialog'), 'Begin the stage').press('Enter');
  await page.getByText('Running', { exact: true }).first().waitFor();
  expect(await stages(page).nth(3).getAttribute('aria-current')).toBe('step');
  expect(faults).toEqual([]);
});

test('console rollouts: one that used up its budget says that it stopped itself, and what broke', async () => {
  const { gateway, open, rolloutId } = await openRolloutPages();
  await passStages(gateway, 15 * DAY_MS);
  await passStages(gateway, 8 * DAY_MS);
  await gateway.prisma.rollout.update({
    where: { id: rolloutId },
    data: { state: 'PAUSED', isOverBudget: true, stage: 1, pausedAt: gateway.clock.now() },
  });
  await breakConsumer(gateway, 'github.com/acme/docs');
  const { page, faults } = await open(`/rollouts/${rolloutId}`);
  await page.getByText(/^It stopped itself: more owners broke than its budget allows/).waitFor();
  await page.getByText(/^1 consumer of 1 owner broke in the realm, with 1 key/).waitFor();
  await page.getByText('github.com/acme/docs', { exact: true }).waitFor();
  await expectAccessible(page);
  await keepPicture(page, 'rollout-halted-light-1280');
  await button(page, 'Resume').click();
  await page
    .getByRole('dialog')
    .getByText(/^It runs the stage “Shadow” again from its beginning/)
    .waitFor();
  expect(faults).toEqual([]);
});

test('console rollouts: others see a rollout and its answers without a button; lists are filtered by realm and state', async () => {
  const { gateway, open, rolloutId } = await openAnsweredRollout();
  const id = await proposeInConsole(gateway, { title: 'Another', policy: 'active-never-expires' });
  await gateway.person('olga');
  const credentials = { email: 'olga@example.com', password: 'the password of olga' };
  const { page, faults } = await open(`/rollouts/${rolloutId}`, { credentials });
  await heading(page, ROLLOUT_TITLE).waitFor();
  await page.getByText('Is CI included?', { exact: true }).waitFor();
  expect(await page.getByText('We release once a year, in March.', { exact: true }).count()).toBe(0);
  for (const name of ['Pause', 'Undo', 'Reply to an owner']) expect(await button(page, name).count()).toBe(0);
  await page.goto('/rollouts/new');
  await page.getByText('Only administrators of this gateway can use this page.', { exact: true }).waitFor();
  await page.goto('/rollouts');
  await page.getByRole('link', { name: 'Another', exact: true }).waitFor();
  await page.getByRole('combobox', { name: 'State', exact: true }).selectOption('Paused');
  await page.getByText('There is none.', { exact: true }).waitFor();
  expect(page.url()).toContain('/rollouts?state=PAUSED');
  await page.getByRole('combobox', { name: 'State', exact: true }).selectOption('Proposed');
  await page.getByRole('link', { name: 'Another', exact: true }).waitFor();
  await page.goto(`/rollouts/${id}x`);
  await heading(page, 'There is no such rollout').waitFor();
  expect(faults).toEqual([]);
});

test.each([
  ['light', 1280],
  ['dark', 1280],
  ['light', 320],
  ['dark', 320],
] as const)('console rollouts: every page is accessible (%s, %i px)', async (theme, width) => {
  const { open } = await openAnsweredRollout();
  const look = async (page: Page, name: string) => {
    await expectAccessible(page);
    await keepPicture(page, `${name}-${theme}-${String(width)}`);
  };
  const { page, faults } = await open('/rollouts', { theme, width });
  await page.getByRole('link', { name: ROLLOUT_TITLE, exact: true }).waitFor();
  await look(page, 'rollouts');
  await page.getByRole('link', { name: ROLLOUT_TITLE, exact: true }).click();
  await page.getByRole('heading', { name: 'Where it is', exact: true }).waitFor();
  await page.getByText('We release once a year, in March.', { exact: true }).waitFor();
  await page.getByRole('heading', { name: 'What happened', exact: true }).waitFor();
  await look(page, 'rollout');
  await keepWhole(page, `rollout-whole-${theme}-${String(width)}`);
  for (const [button, name] of [
    ['Undo', 'rollout-undo'],
    ['Reply to Acme', 'rollout-reply'],
    ['Grant the exception of Acme', 'rollout-grant'],
  ] as const) {
    await page.getByRole('button', { name: button, exact: true }).first().click();
    await look(page, name);
    await page.keyboard.press('Escape');
  }
  await page.goto('/rollouts/new');
  await page.getByRole('heading', { name: 'Propose a rollout', exact: true }).waitFor();
  await page.getByRole('checkbox', { name: 'Brownout', exact: true }).check();
  await page.getByRole('button', { name: 'Add a window', exact: true }).click();
  await page.getByText('Seal a text, and reveal it later', { exact: true }).click();
  await look(page, 'rollout-form');
  await keepWhole(page, `rollout-form-whole-${theme}-${String(width)}`);
  expect(faults).toEqual([]);
});

/** Keeps a picture of all of a page. */
async function keepWhole(page: Page, name: string): Promise<void> {
  const { width } = page.viewportSize() ?? { width: 1280 };
  const height = await page.evaluate(() => (globalThis as any).document.documentElement.scrollHeight as number);
  await page.setViewportSize({ width, height });
  await keepPicture(page, name);
  await page.setViewportSize({ width, height: 800 });
}
