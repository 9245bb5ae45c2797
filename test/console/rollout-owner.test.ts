import type { Locator, Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { DAY_MS } from '../../src/domain/duration.ts';
import { expectAccessible, keepPicture } from '../support/browser.ts';
import { hostileText, MARKUP } from '../support/hostile-world.ts';
import { letRolloutsGoOn, openOwnersRollout, OWN_KEYS } from '../support/rollout-owner.ts';

const button = (page: Page | Locator, name: string) => page.getByRole('button', { name, exact: true });
const field = (page: Page, name: string) => page.getByRole('dialog').getByRole('textbox', { name, exact: true });
const own = (page: Page) => page.getByRole('region', { name: 'Your keys', exact: true });
const answered = (page: Page) => own(page).getByRole('list', { name: 'Answered', exact: true });

test('console rollout of an owner: comments, objects by keyboard, and sees the reply of an administrator live', async () => {
  const { gateway, world, path, open, credentials } = await openOwnersRollout();
  const { page, faults } = await open(path, { credentials });
  await page.getByText('Live', { exact: true }).waitFor();
  await own(page).getByText('You have not answered.', { exact: true }).waitFor();
  // Both stop at the same moment: their order is open.
  expect((await own(page).getByRole('row').allInnerTexts()).slice(1).toSorted()).toEqual([
    expect.stringMatching(/nightly build[^]*in 60 days[^]*a person only[^]*ci\/linux/),
    expect.stringMatching(/yearly release[^]*in 60 days[^]*a person only[^]*nothing yet/),
  ]);
  await button(own(page), 'Comment').press('Enter');
  await field(page, 'Comment').fill('Is CI included? We use it daily.');
  await page.getByRole('checkbox', { name: 'Show it to all whom the rollout touches', exact: true }).press('Space');
  await button(page, 'Send the comment').press('Enter');
  await answered(page)
    .getByText(/^A comment/)
    .waitFor();
  await button(own(page), 'Object').click();
  await page.getByText(/until an administrator has replied in writing, for 14 days at most/).waitFor();
  await page.keyboard.press('Escape');
  await expect.poll(() => button(own(page), 'Object').evaluate((node: any) => node.matches(':focus'))).toBe(true);
  await page.keyboard.press('Enter');
  await field(page, 'What speaks against it').fill('We release once a year.');
  await button(page.getByRole('dialog'), 'Object').press('Enter');
  await answered(page)
    .getByText(/^An objection/)
    .waitFor();
  // An owner objects once in a stage.
  await expect.poll(() => button(own(page), 'Object').count()).toBe(0);
  const { id: answerId } = await gateway.prisma.rolloutAnswer.findFirstOrThrow({ where: { kind: 'OBJECT' } });
  await world.mutate('replyToAnswer', { answerId, text: 'Renew it after the release.' }, 'answerId');
  await answered(page)
    .getByText(/^An objection.*an administrator replied/)
    .waitFor();
  const rows = await gateway.prisma.rolloutAnswer.findMany({ orderBy: { createdAt: 'asc' } });
  expect(rows).toMatchObject([
    { kind: 'COMMENT', text: 'Is CI included? We use it daily.', isPublic: true },
    { kind: 'OBJECT', text: 'We release once a year.', isPublic: false },
  ]);
  expect(faults).toEqual([]);
});

test('console rollout of an owner: sees the new stops, asks for an exception of a key, enrols with brownouts, and takes back', async () => {
  const { gateway, world, keyIds, path, open, credentials } = await openOwnersRollout();
  await letRolloutsGoOn(gateway, 8 * DAY_MS);
  const { page, faults } = await open(path, { credentials });
  await page.getByText('Live', { exact: true }).waitFor();
  // 60 days after its use, or its issue.
  await own(page)
    .getByRole('row', { name: /nightly build/ })
    .getByText(/^\d+ \w+ \d{4} in 5[12] days$/)
    .waitFor();
  await own(page)
    .getByText(/For all keys it is in force from/)
    .waitFor();

  await button(own(page), 'Ask for an exception').click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('checkbox', { name: 'nightly build', exact: true }).uncheck();
  await dialog.getByText('1 of 2 keys.', { exact: true }).waitFor();
  await dialog.getByLabel('Until', { exact: true }).fill('2027-05-31');
  await field(page, 'Why').fill('We release once a year.');
  await button(dialog, 'Ask for it').press('Enter');
  await answered(page)
    .getByText(/^A request for an exception/)
    .waitFor();
  const asked = await gateway.prisma.rolloutException.findFirstOrThrow();
  expect([asked.keyIds, asked.until.toISOString()]).toEqual([[keyIds[1]], '2027-05-31T21:59:59.000Z']);
  await world.mutate('decideException', { exceptionId: asked.id, grant: true, text: 'Until May.' }, 'answerId');
  await answered(page)
    .getByText(/^An exception is granted: today’s rules stay until/)
    .waitFor();

  await button(own(page), 'Enroll early').press('Enter');
  await dialog.getByRole('checkbox', { name: 'Rehearse the end in brownouts', exact: true }).press('Space');
  const consumers = field(page, 'Consumers that may be refused');
  expect(await consumers.inputValue()).toBe('ci/linux');
  await consumers.fill('ci/linux\nci/windows');
  await keepPicture(page, 'rollout-owner-enroll');
  await button(dialog, 'Enroll').press('Enter');
  await answered(page)
    .getByText(/^Enrolled from the first cohort on, with brownouts/)
    .waitFor();
  const enrolled = await gateway.prisma.rolloutAnswer.findFirstOrThrow({ where: { kind: 'ENROLL' } });
  expect(enrolled).toMatchObject({ takesBrownouts: true, consumers: ['ci/linux', 'ci/windows'], keyIds: [] });

  await button(own(page), 'Take back').press('Enter');
  await button(dialog, 'Take back').press('Enter');
  await answered(page)
    .getByText(/^Enrolled/)
    .waitFor({ state: 'hidden' });
  expect(faults).toEqual([]);
});

test('console rollout of an owner: a person whose keys it does not touch is offered no answer', async () => {
  const { gateway, path, open } = await openOwnersRollout();
  await gateway.person('eve');
  const credentials = { email: 'eve@example.com', password: 'the password of eve' };
  const { page, faults } = await open(path, { credentials });
  await page.getByText('Live', { exact: true }).waitFor();
  await page.getByText('Unused keys are the ones that leak unseen.', { exact: true }).waitFor();
  expect([await own(page).count(), await button(page, 'Object').count()]).toEqual([0, 0]);
  expect(faults).toEqual([]);
});

test.each([
  ['light', 1280],
  ['dark', 1280],
  ['light', 320],
  ['dark', 320],
] as const)(
  'console rollout of an owner: the page and its dialogs are accessible (%s, %i px)',
  async (theme, width) => {
    const { gateway, path, open, credentials } = await openOwnersRollout();
    await letRolloutsGoOn(gateway, 8 * DAY_MS);
    const { page, faults } = await open(path, { credentials, theme, width });
    await own(page).getByText('nightly build', { exact: true }).waitFor();
    await expectAccessible(page);
    await own(page).scrollIntoViewIfNeeded();
    await keepPicture(page, `rollout-owner-${theme}-${width}`);
    for (const name of ['Comment', 'Object', 'Ask for an exception', 'Enroll early']) {
      await button(own(page), name).click();
      await page.getByRole('dialog').waitFor();
      await expectAccessible(page);
      await keepPicture(page, `rollout-owner-${name.split(' ')[0]?.toLowerCase()}-${theme}-${width}`);
      await button(page.getByRole('dialog'), 'Cancel').click();
    }
    expect(faults).toEqual([]);
  },
);

test('console rollout of an owner: hostile names of keys are text, and make neither page nor dialog wider', async () => {
  const name = hostileText(100);
  const { path, open, credentials } = await openOwnersRollout([name, OWN_KEYS[1]]);
  const { page, faults } = await open(path, { credentials, width: 320 });
  await own(page).getByText(MARKUP).waitFor();
  await expectAccessible(page);
  await button(own(page), 'Ask for an exception').click();
  await page.getByRole('dialog').getByText(MARKUP).waitFor();
  await expectAccessible(page);
  await keepPicture(page, 'rollout-owner-hostile');
  expect(await page.getByRole('dialog').evaluate((node: any) => node.scrollWidth <= node.clientWidth)).toBe(true);
  expect(await page.locator('main img').count()).toBe(0);
  expect(faults).toEqual([]);
});
