import { createHash } from 'node:crypto';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { expectAccessible, keepPicture, openConsoleWorld } from '../support/browser.ts';
import { issueForOwners } from '../support/policy-pages.ts';

const heading = (page: Page, name: string) => page.getByRole('heading', { name, exact: true, level: 1 });
const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });
const stages = (page: Page) => page.getByRole('list', { name: 'Stages', exact: true }).getByRole('listitem');

test('console rollout proposals: a change of a binding is proposed by keyboard, after the picture of what it stops', async () => {
  const { gateway, open } = await openConsoleWorld();
  await issueForOwners(gateway);
  const binding = await gateway.prisma.binding.findFirstOrThrow({ where: { policy: 'unused-expires' } });
  const { page, faults } = await open(`/policies/bindings/${binding.id}`);
  await page.getByRole('link', { name: 'Roll out in stages', exact: true }).press('Enter');
  await heading(page, 'Propose a rollout').waitFor();
  expect(await page.getByRole('radio', { name: 'Change a bound policy', exact: true }).isChecked()).toBe(true);
  const idle = page.getByRole('spinbutton', { name: 'Time without use', exact: true });
  expect(await idle.inputValue()).toBe('365');
  await idle.fill('4000');
  await page.getByRole('textbox', { name: 'Title', exact: true }).fill('Unused keys end sooner');
  const why = page.getByRole('textbox', { name: 'Why, and what owners can do', exact: true });
  await why.fill('Unused keys leak unseen.\nUse yours, or let it end.');
  await page.getByText('Seal a text, and reveal it later', { exact: true }).press('Enter');
  await page.getByRole('textbox', { name: 'Sealed text (not required)', exact: true }).fill('Phase 2: P90D.');
  const digest = createHash('sha256').update('Phase 2: P90D.').digest('hex');
  await page.getByText(digest, { exact: true }).waitFor();
  // Without a stage in which nothing stops there is none to return to.
  for (const name of ['Comment', 'Shadow', 'Warn']) await page.getByRole('checkbox', { name, exact: true }).uncheck();
  await button(page, 'Show what changes').press('Enter');
  await page.getByText(/^Choose at least one stage in which nothing stops/).waitFor();
  await page.getByRole('checkbox', { name: 'Comment', exact: true }).press('Space');
  await button(page, 'Show what changes').press('Enter');
  // The gateway refuses the configuration, and the form says so where it is.
  await page
    .getByText(/found P4000D; expected P1D to P3650D/)
    .first()
    .waitFor();
  await idle.fill('60');
  await button(page, 'Add a cohort').press('Enter');
  await page.getByRole('spinbutton', { name: 'Cohort 3: per cent of owners', exact: true }).fill('20');
  await button(page, 'Show what changes').press('Enter');
  await heading(page, 'Propose a rollout: what changes').waitFor();
  await page.getByText('8 of 8 sooner', { exact: true }).waitFor();
  await page.getByRole('heading', { name: 'What may go wrong', exact: true }).waitFor();
  await expectAccessible(page);
  await keepPicture(page, 'rollout-preview-light-1280');
  await button(page, 'Propose the rollout').press('Enter');
  await heading(page, 'Unused keys end sooner').waitFor();
  await page.getByText('Proposed', { exact: true }).first().waitFor();
  expect(await stages(page).locator('strong').allInnerTexts()).toEqual([
    'Comment',
    'Cohort, 5 %',
    'Cohort, 20 %',
    'Cohort, 50 %',
    'Enforced',
  ]);
  const stored = await gateway.prisma.rollout.findFirstOrThrow();
  expect(stored).toMatchObject({ change: 'UPDATE', sealedDigest: digest, budgetOwners: 3, budgetShare: 0.001 });
  // With the digest, a person who gets the text later can check it.
  await page.getByText('Check a revealed text', { exact: true }).click();
  await page.getByRole('textbox', { name: 'The text', exact: true }).fill('Phase 2: P30D.');
  await page.getByText('This is another text: its digest differs.', { exact: true }).waitFor();
  await page.getByRole('textbox', { name: 'The text', exact: true }).fill('Phase 2: P90D.');
  await page.getByText('This is the sealed text.', { exact: true }).waitFor();
  await page.getByRole('link', { name: 'Unused keys expire', exact: true }).click();
  await page.getByText(/^A rollout changes this policy in stages/).waitFor();
  expect(faults.filter((fault) => !/status of 400/.test(fault))).toEqual([]);
});

test('console rollout proposals: a bound policy is removed in stages, and one is bound from the page of its module', async () => {
  const { gateway, open } = await openConsoleWorld();
  await issueForOwners(gateway);
  const { page, faults } = await open('/policies/modules/dormant-owner/bind');
  await page.getByRole('link', { name: 'Roll it out in stages', exact: true }).click();
  await heading(page, 'Propose a rollout').waitFor();
  const policy = page.getByRole('combobox', { name: 'Policy', exact: true });
  expect(await policy.inputValue()).toBe('dormant-owner');
  await page.getByRole('radio', { name: 'Remove a bound policy', exact: true }).check();
  await page.getByRole('combobox', { name: 'Bound policy', exact: true }).selectOption('Unused keys expire');
  expect(await page.getByRole('region', { name: 'Configuration', exact: true }).count()).toBe(0);
  await page.getByRole('textbox', { name: 'Title', exact: true }).fill('Unused keys stay');
  await page.getByRole('textbox', { name: 'Why, and what owners can do', exact: true }).fill('It helps no owner.');
  await button(page, 'Show what changes').click();
  await button(page, 'Propose the rollout').click();
  await heading(page, 'Unused keys stay').waitFor();
  expect(await gateway.prisma.rollout.findFirstOrThrow()).toMatchObject({ change: 'UNBIND', after: null });
  expect(faults).toEqual([]);
});
