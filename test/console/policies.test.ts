import type { Locator, Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { DAY_MS } from '../../src/domain/duration.ts';
import { expectAccessible, forms, keepPicture, openConsoleWorld } from '../support/browser.ts';
import { engageBrake } from '../support/engage-brake.ts';
import { ADMIN } from '../support/first-node.ts';
import type { Gateway } from '../support/gateway.ts';
import { issue } from '../support/issue.ts';
import { issueForOwners } from '../support/policy-pages.ts';

const bindings = (page: Page) => page.getByRole('table', { name: /^Bound in / }).getByRole('row');

test('console policies: a policy is bound by keyboard, after the picture of what it stops', async () => {
  const { gateway, open } = await openConsoleWorld();
  await issueForOwners(gateway);
  const { page, faults } = await open('/policies');
  await page.getByRole('link', { name: 'Bind Active keys never expire', exact: true }).press('Enter');
  const heading = page.getByRole('heading', { level: 1, name: 'Bind “Active keys never expire”', exact: true });
  await heading.waitFor();
  expect(await isFocused(heading)).toBe(true);
  const idle = page.getByRole('spinbutton', { name: 'Time without use', exact: true });
  await idle.fill('4000');
  await page.getByRole('button', { name: 'Show what changes', exact: true }).press('Enter');
  // The gateway refuses it, and the form says so where it is.
  await page.getByText(/found P4000D; expected P1D to P3650D/).waitFor();
  expect(await isFocused(idle)).toBe(true);
  await idle.fill('60');
  await page.getByRole('button', { name: 'Show what changes', exact: true }).press('Enter');
  await page.getByRole('heading', { name: 'Bind “Active keys never expire”: what changes', exact: true }).waitFor();
  await page.getByText('8 of 8 sooner', { exact: true }).waitFor();
  await page.getByText('4 of 4 sooner', { exact: true }).waitFor();
  await page.getByText('The same as tables', { exact: true }).press('Enter');
  // Nothing renews the keys, and those of an owner stop on one day.
  const findings = page.getByRole('list', { name: 'What may go wrong', exact: true }).getByRole('listitem');
  expect(await findings.count()).toBe(2);
  expect(await findings.nth(0).innerText()).toMatch(/^Warning 2 owners have no program that renews/);
  expect(await findings.nth(1).innerText()).toContain('8 keys of one owner on 22 Jan 2027');
  const byOwner = page.getByRole('table', { name: 'Keys that stop sooner, by owner', exact: true });
  expect((await byOwner.getByRole('row').nth(1).innerText()).split('\t')).toEqual(['Acme', '8', '8', '18 Jan 2027']);
  await page.getByRole('button', { name: 'Replay the last 90 days', exact: true }).press('Enter');
  const byConsumer = page.getByRole('table', { name: 'Jobs that would have failed, by consumer', exact: true });
  await byConsumer.waitFor();
  const firstRow = (await byConsumer.getByRole('row').nth(1).innerText()).split('\t').slice(1);
  expect(firstRow).toEqual(['github.com/acme/docs', '2 of 5', '13 Nov 2026, 14 Nov 2026']);
  await page.getByText('of 45 jobs would have failed', { exact: true }).waitFor();
  await expectAccessible(page);
  await keepPicture(page, 'policy-preview-light-1280');
  await page.getByRole('textbox', { name: 'Why (not required)', exact: true }).fill('Keys pile up.');
  await page.getByRole('button', { name: 'Bind and enforce', exact: true }).press('Enter');
  await page.getByRole('heading', { level: 1, name: 'Active keys never expire', exact: true }).waitFor();
  await page.getByText('Keys pile up.').first().waitFor();
  // The preview is the budget of the brake: all twelve keys stop sooner, and it does not engage.
  await gateway.travel(0);
  await page.getByText('stop moved', { exact: true }).first().waitFor();
  expect(await gateway.prisma.brake.count()).toBe(0);
  expect(await gateway.prisma.key.count({ where: { stopsAt: { lt: inDays(gateway, 61) } } })).toBe(12);
  // Browsers report the refusal, whose status is 400.
  expect(faults.filter((fault) => !/status of 400/.test(fault))).toEqual([]);
});

test('console policies: enforcing needs its preview, or the password; shadow needs neither', async () => {
  const { gateway, open } = await openConsoleWorld();
  await issue(gateway, await gateway.admin(), { name: 'nightly' });
  const { page } = await open('/policies/modules/unused-expires/bind');
  await page.getByText('This realm has it already.').waitFor();
  const change = page.getByRole('link', { name: 'Unused keys expire', exact: true });
  expect(await change.getAttribute('href')).toMatch(/^\/policies\/bindings\/binding_\w+\/change$/);
  let letPass = () => {};
  const passed = new Promise<void>((resolve) => {
    letPass = resolve;
  });
  await page.route('**/graphql', async (route) => {
    if (route.request().postData()?.includes('query PreviewOnPage') === true) await passed;
    await route.continue();
  });
  await page.getByRole('button', { name: 'Show what changes', exact: true }).click();
  await page.getByText(/seconds so far/).waitFor();
  expect(await page.getByRole('button', { name: 'Bind and enforce', exact: true }).count()).toBe(0);
  await page.getByRole('button', { name: 'Enforce without the preview', exact: true }).press('Enter');
  const password = page.getByRole('dialog').getByLabel('Password', { exact: true });
  await password.press('Escape');
  await page.getByText('Nothing was changed: this change needs your password.', { exact: true }).waitFor();
  await page.getByRole('button', { name: 'Enforce without the preview', exact: true }).press('Enter');
  await password.fill(ADMIN.password);
  await password.press('Enter');
  await page.getByRole('heading', { level: 1, name: 'Unused keys expire', exact: true }).waitFor();
  expect(await gateway.prisma.binding.count({ where: { policy: 'unused-expires', mode: 'ENFORCED' } })).toBe(2);
  await page.goto('/policies/modules/unused-expires/bind');
  await page.getByRole('radio', { name: 'Shadow', exact: true }).check();
  await page.getByRole('button', { name: 'Show what changes', exact: true }).click();
  await page.getByRole('button', { name: 'Bind in shadow', exact: true }).waitFor();
  letPass();
  await page.getByText('In shadow nothing stops. If it were enforced, this would happen:', { exact: true }).waitFor();
  await page.getByRole('button', { name: 'Bind in shadow', exact: true }).click();
  await page.getByText('Shadow', { exact: true }).waitFor();
  expect(await gateway.prisma.binding.count({ where: { mode: 'SHADOW' } })).toBe(1);
});

test('console policies: an engaged brake names the keys that wait; it is released, or cancelled to shadow', async () => {
  const { gateway, open } = await openConsoleWorld();
  const { bindingId } = await engageBrake(gateway, 'tokens');
  await gateway.services.follower.catchUp();
  const { page, faults } = await open('/policies?realm=tokens');
  await page.getByText('1 stop waits', { exact: true }).waitFor();
  await expectAccessible(page);
  await keepPicture(page, 'policies-brake-light-1280');
  await bindings(page).getByRole('link', { name: 'Active keys never expire', exact: true }).press('Enter');
  await page.getByRole('heading', { name: 'The brake holds back 1 stop', exact: true }).waitFor();
  await expectAccessible(page);
  await keepPicture(page, 'policy-brake-light-1280');
  await page.getByRole('button', { name: 'Cancel the stops', exact: true }).press('Enter');
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Release', exact: true }).press('Enter');
  const dialog = page.getByRole('dialog', { name: 'Release the stops', exact: true });
  await dialog.getByRole('textbox', { name: 'Why (not required)', exact: true }).fill('It is meant so.');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: /^The brake holds back/ }).waitFor({ state: 'hidden' });
  const { state } = await gateway.prisma.brake.findFirstOrThrow({ where: { bindingId } });
  expect(state).toBe('RELEASED');
  await page.getByText('The brake was released', { exact: true }).waitFor();
  const { bindingId: other } = await engageBrake(gateway, 'builds');
  await page.goto(`/policies/bindings/${other}`);
  await page.getByRole('button', { name: 'Cancel the stops', exact: true }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Cancel the stops', exact: true }).click();
  await page.getByText('Shadow', { exact: true }).waitFor();
  expect(faults).toEqual([]);
});

test('console policies: a change is announced with its preview; an account without the right sees it, and no button', async () => {
  const { gateway, open } = await openConsoleWorld();
  await issueForOwners(gateway);
  const binding = await gateway.prisma.binding.findFirstOrThrow({ where: { policy: 'unused-expires' } });
  const { page, faults } = await open(`/policies/bindings/${binding.id}`);
  await page.getByText('365 days', { exact: false }).first().waitFor();
  await page.getByRole('link', { name: 'Change', exact: true }).click();
  await page.getByRole('spinbutton', { name: 'Time without use', exact: true }).fill('90');
  await page.getByLabel('Takes effect (not required)', { exact: true }).fill('2026-12-24T12:00');
  await page.getByRole('spinbutton', { name: 'Notice', exact: true }).fill('7');
  await page.getByRole('textbox', { name: 'Why with less notice', exact: true }).fill('An audit.');
  await page.getByRole('button', { name: 'Show what changes', exact: true }).click();
  await page.getByText('8 of 8 sooner', { exact: true }).waitFor();
  await page.getByRole('button', { name: 'Announce the change', exact: true }).click();
  await page.getByText('Announced', { exact: true }).first().waitFor();
  const announced = await gateway.prisma.binding.findUniqueOrThrow({ where: { id: binding.id } });
  expect(announced).toMatchObject({ isAnnounced: true, config: { ...(binding.config as object), idle: 'P90D' } });
  await page.getByRole('button', { name: 'Withdraw', exact: true }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Withdraw', exact: true }).click();
  await page.getByRole('region', { name: 'Announced', exact: true }).waitFor({ state: 'hidden' });
  await gateway.person('olga');
  const credentials = { email: 'olga@example.com', password: 'the password of olga' };
  const { page: other } = await open(`/policies/bindings/${binding.id}`, { credentials });
  await other.getByRole('heading', { level: 1, name: 'Unused keys expire', exact: true }).waitFor();
  expect(await other.getByRole('link', { name: 'Change', exact: true }).count()).toBe(0);
  expect(await other.getByRole('button', { name: 'Unbind', exact: true }).count()).toBe(0);
  await other.goto('/policies/modules/unused-expires/bind');
  await other.getByRole('heading', { name: 'Only administrators bind policies', exact: true }).waitFor();
  expect(faults).toEqual([]);
});

test.each(forms)('console policies: every page is accessible (%s, %i px)', async (theme, width) => {
  const { gateway, open } = await openConsoleWorld();
  await issueForOwners(gateway);
  const look = async (page: Page, name: string) => {
    await expectAccessible(page);
    await keepPicture(page, `${name}-${theme}-${String(width)}`);
  };
  const { page, faults } = await open('/policies', { theme, width });
  await page.getByRole('table', { name: 'Bound in Default', exact: true }).waitFor();
  await look(page, 'policies');
  await page.getByRole('link', { name: 'Unused keys expire', exact: true }).first().click();
  await page.getByRole('heading', { name: 'What it decided lately', exact: true }).waitFor();
  await look(page, 'policy-binding');
  await page.getByRole('link', { name: 'unused-expires', exact: true }).click();
  await page.getByRole('heading', { name: 'Documentation', exact: true }).waitFor();
  await look(page, 'policy-module');
  await page.getByRole('link', { name: 'Bind', exact: true }).click();
  await page.getByRole('radio', { name: 'Some keys', exact: true }).check();
  await page.getByRole('spinbutton', { name: 'Time without use', exact: true }).fill('40');
  await look(page, 'policy-form');
  await page.getByRole('button', { name: 'Show what changes', exact: true }).click();
  await page.getByText('8 of 8 sooner', { exact: true }).waitFor();
  await showAtTop(page, 'What may go wrong');
  await keepPicture(page, `policy-findings-${theme}-${String(width)}`);
  await page.getByRole('button', { name: 'Replay the last 90 days', exact: true }).click();
  await page.getByText('By owner and by day', { exact: true }).click();
  await showAtTop(page, 'What would have failed');
  await keepPicture(page, `policy-replay-${theme}-${String(width)}`);
  await look(page, 'policy-preview');
  const edges = await page
    .locator('.lanes')
    .first()
    .locator('.ticks span')
    .evaluateAll((labels: any[]) => labels.map((label) => label.getBoundingClientRect()));
  const isOver = ({ left }: any, index: number) => index > 0 && left < edges[index - 1].right;
  expect(edges.filter(isOver), 'months that lie over each other').toEqual([]);
  expect(faults).toEqual([]);
});

/** Scrolls a section to the top, for a picture of it. */
function showAtTop(page: Page, heading: string): Promise<void> {
  return page.getByRole('heading', { name: heading, exact: true }).evaluate((node: any) => node.scrollIntoView());
}

function isFocused(element: Locator): Promise<boolean> {
  return element.evaluate((node: any) => node === node.ownerDocument.activeElement);
}

function inDays({ clock }: Gateway, days: number): Date {
  return new Date(clock.now().getTime() + days * DAY_MS);
}
